-- Coupons. Amounts are minor units of the definition's currency. Written by Coupons/.
CREATE TABLE coupon_definitions (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- active, paused, ended.
    status TEXT NOT NULL,
    -- The newest version of the rule; coupons keep theirs.
    version BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    -- CouponTally: the sum of the entries of its history.
    issued BIGINT NOT NULL,
    open_locks BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    redeemed BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    voided BIGINT NOT NULL
);
CREATE UNIQUE INDEX coupon_definitions_by_name ON coupon_definitions (name);

CREATE TABLE coupon_versions (
    definition_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    -- CouponRule as JSON. Never changed.
    rule TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (definition_id, version)
) {without_rowid};

CREATE TABLE coupon_batches (
    id BIGINT NOT NULL PRIMARY KEY,
    definition_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    pattern TEXT NOT NULL,
    total BIGINT NOT NULL,
    made BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    -- When its unclaimed codes lapse; NULL when they never do, or have.
    due_ms BIGINT,
    voided_ms BIGINT
);
CREATE INDEX coupon_batches_by_definition ON coupon_batches (definition_id, id);
CREATE INDEX coupon_batches_by_due ON coupon_batches (due_ms) WHERE due_ms IS NOT NULL;

CREATE TABLE coupons (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    definition_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    -- 0: of none.
    batch_id BIGINT NOT NULL,
    -- personal, code, shared.
    kind TEXT NOT NULL,
    -- 0: nobody's.
    profile_id BIGINT NOT NULL,
    -- issued, locked, redeemed, expired, voided.
    state TEXT NOT NULL,
    issued_ms BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT,
    -- What is left on an amount coupon.
    amount_left BIGINT,
    uses_max BIGINT,
    uses BIGINT NOT NULL,
    -- Of the last entry of its history.
    sequence BIGINT NOT NULL,
    -- When time has something to do; NULL for the unclaimed codes of a batch, which lapse with it.
    due_ms BIGINT,
    -- What it was issued for: the same key issues nothing again.
    issue_key TEXT
);
CREATE UNIQUE INDEX coupons_by_code ON coupons (code);
CREATE UNIQUE INDEX coupons_by_issue ON coupons (issue_key) WHERE issue_key IS NOT NULL;
CREATE INDEX coupons_by_profile ON coupons (profile_id, id) WHERE profile_id <> 0;
CREATE INDEX coupons_by_batch ON coupons (batch_id, id) WHERE batch_id <> 0;
CREATE INDEX coupons_by_definition ON coupons (definition_id, id) WHERE batch_id = 0;
CREATE INDEX coupons_by_due ON coupons (due_ms) WHERE due_ms IS NOT NULL;

-- One order's use of one coupon.
CREATE TABLE coupon_uses (
    coupon_id BIGINT NOT NULL,
    order_key TEXT NOT NULL,
    definition_id BIGINT NOT NULL,
    -- 0: nobody known.
    profile_id BIGINT NOT NULL,
    -- locked, redeemed, released, returned.
    state TEXT NOT NULL,
    -- CouponDiscount as JSON, with what came back.
    discount TEXT NOT NULL,
    until_ms BIGINT,
    at_ms BIGINT NOT NULL,
    request_hash TEXT NOT NULL,
    PRIMARY KEY (coupon_id, order_key)
) {without_rowid};
CREATE INDEX coupon_uses_by_lock ON coupon_uses (coupon_id, until_ms) WHERE until_ms IS NOT NULL;
CREATE INDEX coupon_uses_by_order ON coupon_uses (order_key);
CREATE INDEX coupon_uses_by_profile ON coupon_uses (profile_id) WHERE profile_id <> 0;

-- How many coupons of a definition a person was given, and orders that use it.
CREATE TABLE coupon_people (
    profile_id BIGINT NOT NULL,
    definition_id BIGINT NOT NULL,
    issued BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (profile_id, definition_id)
) {without_rowid};

-- Append-only. The codes of a batch are made, lapse and are voided in entries of many, under coupon_id 0.
CREATE TABLE coupon_history (
    coupon_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    definition_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    order_key TEXT NOT NULL,
    amount BIGINT NOT NULL,
    coupons BIGINT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (coupon_id, sequence)
) {without_rowid};

-- Returns of orders, by the caller's key.
CREATE TABLE coupon_returns (
    order_key TEXT NOT NULL,
    return_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (order_key, return_key)
) {without_rowid};

-- Codes that do not exist, by who asked for them.
CREATE TABLE coupon_attempts (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    first_ms BIGINT NOT NULL
);

-- What a merge of people moved, so that undoing it finds the way back.
CREATE TABLE coupon_moves (
    merge_id BIGINT NOT NULL,
    coupon_id BIGINT NOT NULL,
    -- Empty: the coupon itself; else the order whose use of it moved.
    order_key TEXT NOT NULL,
    PRIMARY KEY (merge_id, coupon_id, order_key)
) {without_rowid};
