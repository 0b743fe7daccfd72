-- Answers under an Idempotency-Key are dropped by age. Written by Accounts/.
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_ms);
