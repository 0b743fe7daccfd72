-- Members who would have been given a benefit and are kept apart, to tell what it is worth. Written by Benefits/.
CREATE TABLE benefit_holdouts (
    member_id BIGINT NOT NULL,
    tier TEXT NOT NULL,
    benefit TEXT NOT NULL,
    -- 0 once the person was erased.
    profile_id BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (member_id, tier, benefit)
) {without_rowid};
CREATE INDEX benefit_holdouts_by_benefit ON benefit_holdouts (tier, benefit);
