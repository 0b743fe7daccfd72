-- What is tried on whom, and who saw what. Written by Experiments/.
CREATE TABLE experiments (
    id BIGINT NOT NULL PRIMARY KEY,
    -- ExperimentDefinition as JSON.
    definition TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Divides people; drawn once and never changed.
    salt BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    started_ms BIGINT,
    stopped_ms BIGINT,
    -- ExperimentDecision as JSON, when there is one.
    decision TEXT
);
CREATE INDEX experiments_by_state ON experiments (state, id);

-- Who met which variant first; the event says it to the analytics store.
CREATE TABLE experiment_exposures (
    experiment_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    variant TEXT NOT NULL,
    exposed_ms BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, profile_id)
) {without_rowid};
CREATE INDEX experiment_exposures_by_profile ON experiment_exposures (profile_id, experiment_id);
