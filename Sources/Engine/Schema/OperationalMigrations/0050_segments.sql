-- Groups of people. Written by Segments/.
CREATE TABLE segments (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    -- dynamic (kept by its criteria), static (a list kept by hand), snapshot (who matched at one moment)
    kind TEXT NOT NULL,
    -- The definition (docs/criteria.md); of a snapshot the one it was taken by, of a list empty.
    criteria TEXT NOT NULL,
    -- Raised with every change of the definition.
    version BIGINT NOT NULL,
    -- building (being filled for the first time, or anew), live
    status TEXT NOT NULL,
    -- JSON: how a snapshot was cut: cap, parts, part, seed.
    cut TEXT NOT NULL DEFAULT '{}',
    size BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    -- When all people were last compared with the definition.
    swept_ms BIGINT,
    deleted_ms BIGINT
);

CREATE TABLE segment_members (
    segment_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    entered_ms BIGINT NOT NULL,
    PRIMARY KEY (segment_id, profile_id)
) {without_rowid};
CREATE INDEX segment_members_by_profile ON segment_members (profile_id, segment_id);

-- Size as last counted on each day of the workspace.
CREATE TABLE segment_days (
    segment_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (segment_id, day)
) {without_rowid};

-- What published definitions have to remember of people's events. Written by Features/.
CREATE TABLE features (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Feature.text
    definition TEXT NOT NULL,
    -- filling (events up to from_position are still to be read from the analytics store), kept
    status TEXT NOT NULL,
    -- The processor keeps it of events beyond this position.
    from_position BIGINT NOT NULL,
    -- Parts of all people that are filled.
    filled_parts BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE profile_features (
    profile_id BIGINT NOT NULL,
    feature_id BIGINT NOT NULL,
    -- FeatureState.text
    state TEXT NOT NULL,
    PRIMARY KEY (profile_id, feature_id)
) {without_rowid};
CREATE INDEX profile_features_by_feature ON profile_features (feature_id);
