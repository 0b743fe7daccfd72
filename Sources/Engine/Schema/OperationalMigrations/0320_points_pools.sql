-- Pools of points that households share: each is an account of the ledger of its own. Written by Points/.
ALTER TABLE points_accounts ADD COLUMN is_pool BIGINT NOT NULL DEFAULT 0;

CREATE TABLE points_pools (
    -- Its account.
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- Natural key of its making, and SHA-256 of what was asked, so that a key cannot stand for two.
    pool_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    dissolved_ms BIGINT
);
CREATE UNIQUE INDEX points_pools_by_key ON points_pools (pool_key);

CREATE TABLE points_pool_members (
    -- The member's own account: nobody is in two pools.
    account_id BIGINT NOT NULL PRIMARY KEY,
    pool_id BIGINT NOT NULL,
    is_owner BIGINT NOT NULL,
    may_spend BIGINT NOT NULL,
    -- Percent of what they earn that goes into the pool by itself once it can be spent.
    share BIGINT NOT NULL,
    -- Number of the last transaction of the member's account that was looked at for it.
    swept BIGINT NOT NULL,
    joined_ms BIGINT NOT NULL
);
CREATE INDEX points_pool_members_by_pool ON points_pool_members (pool_id, joined_ms, account_id);

-- Who put a lot of a pool in.
CREATE TABLE points_pool_lots (
    pool_id BIGINT NOT NULL,
    lot BIGINT NOT NULL,
    -- The member's account, also after they left; 0 once the person was erased.
    account_id BIGINT NOT NULL,
    PRIMARY KEY (pool_id, lot)
) {without_rowid};
CREATE INDEX points_pool_lots_by_account ON points_pool_lots (account_id) WHERE account_id <> 0;

CREATE TABLE points_pool_invitations (
    id BIGINT NOT NULL PRIMARY KEY,
    pool_id BIGINT NOT NULL,
    -- Who is invited.
    account_id BIGINT NOT NULL,
    -- open, accepted, refused, withdrawn.
    state TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    decided_ms BIGINT
);
CREATE INDEX points_pool_invitations_by_account ON points_pool_invitations (account_id, state, id);
CREATE INDEX points_pool_invitations_by_pool ON points_pool_invitations (pool_id, state, id);

-- What a merge of people moved of pools, so that undoing it finds the way back.
CREATE TABLE points_pool_moves (
    merge_id BIGINT NOT NULL,
    pool_id BIGINT NOT NULL,
    -- moved: the membership changed hands; joined: both were in it; none: only lots changed hands.
    membership TEXT NOT NULL,
    -- JSON: lots that the other had put in.
    lots TEXT NOT NULL,
    PRIMARY KEY (merge_id, pool_id)
) {without_rowid};
