-- What tiers entitle to: what was granted to whom, and what became of it. Written by Benefits/.
CREATE TABLE benefit_grants (
    id BIGINT NOT NULL PRIMARY KEY,
    member_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    tier TEXT NOT NULL,
    benefit TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- What it was granted for, once: entry:3, month:2026-11, birthday:2026.
    occasion TEXT NOT NULL,
    -- Of a coupon: its code as the ladder has it.
    coupon TEXT,
    -- NULL: as often as one likes.
    uses BIGINT,
    used BIGINT NOT NULL,
    granted_ms BIGINT NOT NULL,
    -- NULL: until the tier is lost.
    ends_ms BIGINT
);
CREATE UNIQUE INDEX benefit_grants_by_occasion ON benefit_grants (member_id, tier, benefit, occasion);
CREATE INDEX benefit_grants_by_time ON benefit_grants (granted_ms, id);

CREATE TABLE benefit_uses (
    use_key TEXT NOT NULL PRIMARY KEY,
    member_id BIGINT NOT NULL,
    tier TEXT NOT NULL,
    benefit TEXT NOT NULL,
    -- NULL of what only is.
    grant_id BIGINT,
    note TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX benefit_uses_by_member ON benefit_uses (member_id, at_ms);
CREATE INDEX benefit_uses_by_time ON benefit_uses (at_ms);

-- How much of a quota is taken, by month.
CREATE TABLE benefit_quotas (
    tier TEXT NOT NULL,
    benefit TEXT NOT NULL,
    month TEXT NOT NULL,
    taken BIGINT NOT NULL,
    -- Who would have had it and came too late.
    refused BIGINT NOT NULL,
    PRIMARY KEY (tier, benefit, month)
) {without_rowid};
