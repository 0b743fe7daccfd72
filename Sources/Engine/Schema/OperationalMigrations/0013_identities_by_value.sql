-- One tree finds an identity by its kind and value and people by a value or its beginning: a new person then costs one
-- page at a random place and not two. Written by Identity/.
CREATE TABLE identities_by_value_and_kind (
    value TEXT NOT NULL,
    kind TEXT NOT NULL,
    profile_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    evidence BIGINT NOT NULL,
    verified BIGINT NOT NULL,
    PRIMARY KEY (value, kind)
) {without_rowid};
INSERT INTO identities_by_value_and_kind (value, kind, profile_id, source_id, first_seen_ms, evidence, verified)
SELECT value, kind, profile_id, source_id, first_seen_ms, evidence, verified FROM identities ORDER BY value, kind;
DROP TABLE identities;
ALTER TABLE identities_by_value_and_kind RENAME TO identities;
CREATE INDEX identities_by_profile ON identities (profile_id);
