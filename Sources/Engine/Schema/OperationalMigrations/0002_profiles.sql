-- People and how they are recognised. profiles is written by Profiles/, identities and merges by Identity/.
CREATE TABLE profiles (
    id BIGINT NOT NULL PRIMARY KEY,
    created_ms BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    -- 1 once an identity of a known kind (user_id, phone, email, wechat_unionid, …) is linked.
    identified BIGINT NOT NULL,
    identified_ms BIGINT,
    display_name TEXT,
    source_id BIGINT NOT NULL,
    event_count BIGINT NOT NULL,
    -- From Orders/, net of returns, in minor units of the workspace currency.
    order_count BIGINT NOT NULL DEFAULT 0,
    net_spend BIGINT NOT NULL DEFAULT 0,
    first_order_ms BIGINT,
    last_order_ms BIGINT,
    -- From Lifecycle/: introduction, growth, maturity, decline, churn; when it began, and when time alone will change it.
    stage TEXT,
    stage_since_ms BIGINT,
    stage_due_ms BIGINT,
    -- From RFM/: scores 1…5 (0 unknown) and the eight-class code 'RFM' as bits, e.g. '101'.
    rfm_r BIGINT NOT NULL DEFAULT 0,
    rfm_f BIGINT NOT NULL DEFAULT 0,
    rfm_m BIGINT NOT NULL DEFAULT 0,
    rfm_class TEXT,
    -- Traits with their times, consent: one compact JSON document (ProfileState).
    state TEXT NOT NULL,
    -- The profile that this one was merged into, and when; NULL for a living profile.
    merged_into BIGINT,
    deleted_ms BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX profiles_by_last_seen ON profiles (last_seen_ms, id);
CREATE INDEX profiles_by_spend ON profiles (net_spend, id);
CREATE INDEX profiles_by_stage ON profiles (stage, last_seen_ms, id);
CREATE INDEX profiles_by_stage_due ON profiles (stage_due_ms);
CREATE INDEX profiles_by_rfm_class ON profiles (rfm_class, last_seen_ms, id);
CREATE INDEX profiles_by_name ON profiles (display_name);
CREATE INDEX profiles_by_merge ON profiles (merged_into);

CREATE TABLE identities (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    profile_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    -- The event that proved the link (position in the log).
    evidence BIGINT NOT NULL,
    -- 1: somebody vouched for it (a trusted source, an explicit bind, a verified phone or address).
    verified BIGINT NOT NULL,
    PRIMARY KEY (kind, value)
) {without_rowid};
CREATE INDEX identities_by_profile ON identities (profile_id);
CREATE INDEX identities_by_value ON identities (value);

CREATE TABLE profile_merges (
    id BIGINT NOT NULL PRIMARY KEY,
    winner_id BIGINT NOT NULL,
    loser_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- login, bind, verified_phone, verified_email, verified_identity, manual
    rule TEXT NOT NULL,
    evidence BIGINT NOT NULL,
    -- JSON: what moved and both states before, enough to undo.
    detail TEXT NOT NULL,
    undone_ms BIGINT
);
CREATE INDEX profile_merges_by_winner ON profile_merges (winner_id);
CREATE INDEX profile_merges_by_loser ON profile_merges (loser_id);

-- Identities of people who asked to be forgotten, as salted hashes: never linked again by late events.
CREATE TABLE tombstones (
    identity_hash TEXT NOT NULL PRIMARY KEY,
    deleted_ms BIGINT NOT NULL
);

-- Who was erased, when, and what the analytics store has still to forget. erased_ms: when it had.
CREATE TABLE profile_erasures (
    profile_id BIGINT NOT NULL PRIMARY KEY,
    -- JSON array of the ids that were merged into it.
    merged_ids TEXT NOT NULL,
    requested_ms BIGINT NOT NULL,
    erased_ms BIGINT
);
CREATE INDEX profile_erasures_by_state ON profile_erasures (erased_ms, profile_id);

-- Claims that could not be linked: unknown kinds, blocked values, breached limits. Shown on the status page.
CREATE TABLE identity_conflicts (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    profile_id BIGINT NOT NULL,
    evidence BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX identity_conflicts_by_profile ON identity_conflicts (profile_id);
