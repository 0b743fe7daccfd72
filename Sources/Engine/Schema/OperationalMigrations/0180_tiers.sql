-- Tiers: ladders as they were published, where members stand and how they came there, rankings. Written by Tiers/.
CREATE TABLE tier_ladders (
    version BIGINT NOT NULL PRIMARY KEY,
    -- TierLadder as JSON.
    definition TEXT NOT NULL,
    author TEXT NOT NULL,
    published_ms BIGINT NOT NULL
);

CREATE TABLE tier_members (
    -- The account's.
    member_id BIGINT NOT NULL PRIMARY KEY,
    -- 0 once the person was erased, or another account of theirs counts.
    profile_id BIGINT NOT NULL,
    joined_ms BIGINT NOT NULL,
    tier TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    -- What rules, or the ranking, gave; and the period in which it is to be kept, in days.
    earned TEXT NOT NULL,
    period_start BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    grace_end BIGINT,
    noticed_to BIGINT NOT NULL,
    grant_id BIGINT,
    grant_tier TEXT,
    grant_until_ms BIGINT,
    changes BIGINT NOT NULL,
    -- The version of the ladder that the row was last decided by.
    ladder BIGINT NOT NULL,
    -- When time has something to do next.
    due_ms BIGINT
);
CREATE INDEX tier_members_by_tier ON tier_members (tier, since_ms, member_id);
CREATE INDEX tier_members_by_due ON tier_members (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX tier_members_by_profile ON tier_members (profile_id);

CREATE TABLE tier_history (
    member_id BIGINT NOT NULL,
    -- From 1, without a gap.
    number BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    from_tier TEXT,
    to_tier TEXT NOT NULL,
    is_up BIGINT NOT NULL,
    -- TierChange.Cause.
    cause TEXT NOT NULL,
    ladder BIGINT NOT NULL,
    -- JSON: TierEvidence and TierCounterfactual.
    evidence TEXT NOT NULL,
    counterfactual TEXT,
    PRIMARY KEY (member_id, number)
) {without_rowid};
CREATE INDEX tier_history_by_time ON tier_history (at_ms, member_id, number);

-- Tiers given by hand.
CREATE TABLE tier_grants (
    id BIGINT NOT NULL PRIMARY KEY,
    member_id BIGINT NOT NULL,
    tier TEXT NOT NULL,
    until_ms BIGINT,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    ended_ms BIGINT
);
CREATE INDEX tier_grants_by_member ON tier_grants (member_id, id);

-- What each of two members had before they turned out to be one, so that it can be undone. JSON.
CREATE TABLE tier_merges (
    merge_id BIGINT NOT NULL PRIMARY KEY,
    winner_member BIGINT NOT NULL,
    loser_member BIGINT NOT NULL,
    winner_before TEXT NOT NULL,
    loser_before TEXT NOT NULL,
    -- The winner's changes after it: later ones stay when the merge is undone.
    winner_changes BIGINT NOT NULL,
    undone_ms BIGINT
);

-- Rankings that were taken, frozen.
CREATE TABLE tier_rankings (
    id BIGINT NOT NULL PRIMARY KEY,
    -- The days that counted: the first, and the first after.
    from_day BIGINT NOT NULL,
    to_day BIGINT NOT NULL,
    ladder BIGINT NOT NULL,
    members BIGINT NOT NULL,
    taken_ms BIGINT NOT NULL,
    -- How many of the members whose tier it changes have theirs.
    moved BIGINT NOT NULL,
    done_ms BIGINT
);
CREATE UNIQUE INDEX tier_rankings_by_day ON tier_rankings (to_day);

-- Members by id, many in one row: a line each of member, value, place, tier, and what the last one in had.
CREATE TABLE tier_ranking_parts (
    ranking_id BIGINT NOT NULL,
    part BIGINT NOT NULL,
    first_member BIGINT NOT NULL,
    last_member BIGINT NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (ranking_id, part)
) {without_rowid};

-- What the member has now, beside the person, for conditions and lists; as tier_members says.
ALTER TABLE profiles ADD COLUMN tier TEXT;
ALTER TABLE profiles ADD COLUMN tier_since_ms BIGINT;
