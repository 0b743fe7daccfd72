-- Models that weigh people. Written by Scores/.
CREATE TABLE score_models (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    -- Rules, groups, grades, thresholds as JSON (docs/scores.md).
    definition TEXT NOT NULL,
    -- Raised with every change of the definition.
    version BIGINT NOT NULL,
    -- building (people are being weighed for the first time, or anew), live
    status TEXT NOT NULL,
    -- People with a row, as last counted.
    size BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    -- The day of the workspace that all people were last brought to.
    swept_day BIGINT,
    deleted_ms BIGINT
);

-- Whoever has a receipt, or had one. Points in thousandths.
CREATE TABLE profile_scores (
    model_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    total BIGINT NOT NULL,
    fit BIGINT NOT NULL,
    engagement BIGINT NOT NULL,
    -- A, B, C, D
    grade TEXT NOT NULL,
    -- The day of the workspace that it holds for.
    day BIGINT NOT NULL,
    -- The version of the model that weighed.
    version BIGINT NOT NULL,
    -- How many thresholds, from the lowest, the total has reached.
    reached BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (model_id, profile_id)
) {without_rowid};
CREATE INDEX profile_scores_by_profile ON profile_scores (profile_id, model_id);
CREATE INDEX profile_scores_by_day ON profile_scores (model_id, day, profile_id);

-- How many people have how many whole points, day by day, as the sweep counted them.
CREATE TABLE score_days (
    model_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    grade TEXT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (model_id, day, grade)
) {without_rowid};
