-- How a bandit divides people, version by version. Written by Experiments/.
CREATE TABLE experiment_allocations (
    experiment_id BIGINT NOT NULL,
    -- From 1; before the first one the weights of the definition hold, as version 0.
    version BIGINT NOT NULL,
    -- JSON: weights in ten-thousandths, in the order of the variants.
    weights TEXT NOT NULL,
    -- JSON: people and value of each variant that it was made of.
    evidence TEXT NOT NULL,
    made_ms BIGINT NOT NULL,
    PRIMARY KEY (experiment_id, version)
) {without_rowid};

-- Under which of them somebody was divided. experiment_exposures is written by Experiments/.
ALTER TABLE experiment_exposures ADD COLUMN allocation BIGINT NOT NULL DEFAULT 0;
