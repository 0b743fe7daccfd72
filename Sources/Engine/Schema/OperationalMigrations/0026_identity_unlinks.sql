-- Identities that were unlinked on purpose, with the link as it was, so that it can be made again.
-- Written by Identity/, and emptied by Profiles/ when a person is erased.
CREATE TABLE identity_unlinks (
    id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    -- The link as it was: see identities.
    source_id BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    link_evidence BIGINT NOT NULL,
    verified BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- The event that asked for it (position in the log).
    evidence BIGINT NOT NULL,
    undone_ms BIGINT
);
CREATE INDEX identity_unlinks_by_profile ON identity_unlinks (profile_id);
