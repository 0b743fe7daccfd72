-- Coupons that grants of benefits brought: when, or why not. benefit_grants is written by Benefits/.
ALTER TABLE benefit_grants ADD COLUMN issued_ms BIGINT;
ALTER TABLE benefit_grants ADD COLUMN issue_problem TEXT;
CREATE INDEX benefit_grants_by_issue ON benefit_grants (granted_ms, id) WHERE kind = 'coupon' AND issued_ms IS NULL;
