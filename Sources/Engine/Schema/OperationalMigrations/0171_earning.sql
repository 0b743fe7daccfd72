-- What the program gave for what members did, and why. Written by Program/.
CREATE TABLE earning_facts (
    -- order:ORDER, event:POSITION
    fact_key TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    -- The version of the program that decided.
    version BIGINT NOT NULL,
    -- The event's name; Order Completed of orders.
    name TEXT NOT NULL,
    -- When it happened, and when it was looked at first.
    fact_ms BIGINT NOT NULL,
    made_ms BIGINT NOT NULL,
    -- Of orders: tells whether what is in the order changed.
    content TEXT NOT NULL,
    -- JSON: what was given, by rule and line, with the awards of the ledger.
    grants TEXT NOT NULL,
    -- JSON: every rule that looked.
    waterfall TEXT NOT NULL
) {without_rowid};
CREATE INDEX earning_facts_by_account ON earning_facts (account_id, made_ms, fact_key);
CREATE INDEX earning_facts_by_profile ON earning_facts (profile_id);

-- What caps are held against.
CREATE TABLE earning_uses (
    -- 0: all members.
    account_id BIGINT NOT NULL,
    -- Empty: all rules.
    rule TEXT NOT NULL,
    currency TEXT NOT NULL,
    -- 2026-11-29, week 2026-11-23, 2026-11, 2026, ever, once WHAT, streak
    period TEXT NOT NULL,
    points BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (account_id, rule, currency, period)
) {without_rowid};
