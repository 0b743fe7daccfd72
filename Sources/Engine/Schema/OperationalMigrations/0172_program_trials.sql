-- Versions of the program tried on what really happened. Written by Program/.
CREATE TABLE program_trials (
    id BIGINT NOT NULL PRIMARY KEY,
    version_id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    -- SHA-256 of the document that was tried.
    document_hash TEXT NOT NULL,
    -- The number of the version that it was compared with; 0: none was in force.
    compared BIGINT NOT NULL,
    -- Facts from this day of the workspace on.
    from_day BIGINT NOT NULL,
    -- One person in so many; 1: everybody.
    one_in BIGINT NOT NULL,
    -- Where the log ended when it began.
    position BIGINT NOT NULL,
    -- running, done, cancelled
    status TEXT NOT NULL,
    started_by TEXT NOT NULL,
    started_ms BIGINT NOT NULL,
    finished_ms BIGINT,
    -- ProgramTrialResult as JSON.
    result TEXT,
    -- SHA-256 over what was tried, where history ended, and what came out: an approval is of this.
    hash TEXT
);
CREATE INDEX program_trials_by_version ON program_trials (version_id, started_ms);

-- The trial that an approval is of.
ALTER TABLE program_versions ADD COLUMN trial_id BIGINT;
