-- What members get for points. Written by Rewards/.
CREATE TABLE rewards (
    id BIGINT NOT NULL PRIMARY KEY,
    -- RewardDefinition as JSON.
    definition TEXT NOT NULL,
    -- What is left; NULL: there is always more.
    stock BIGINT,
    -- Claimed and not cancelled, all together.
    claimed BIGINT NOT NULL,
    is_offered BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    CHECK (stock IS NULL OR stock >= 0)
);

CREATE TABLE reward_claims (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Natural key: asked twice, it is there once.
    claim_key TEXT NOT NULL,
    -- SHA-256 of what was asked, so that a key cannot stand for two.
    request_hash TEXT NOT NULL,
    reward_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    currency TEXT NOT NULL,
    points BIGINT NOT NULL,
    -- Minor units of the workspace's currency, to be paid besides.
    money BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- JSON: where to, for whom.
    delivery TEXT NOT NULL,
    requested_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX reward_claims_by_key ON reward_claims (claim_key);
CREATE INDEX reward_claims_by_account ON reward_claims (account_id, reward_id);
CREATE INDEX reward_claims_by_state ON reward_claims (state, id);
CREATE INDEX reward_claims_by_reward ON reward_claims (reward_id, id);

-- How a claim came to where it is.
CREATE TABLE reward_steps (
    claim_id BIGINT NOT NULL,
    step BIGINT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    -- Payment, parcel number, code, reason.
    note TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (claim_id, step)
) {without_rowid};
