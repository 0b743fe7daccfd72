-- The loyalty program in its versions. Written by Program/.
CREATE TABLE program_versions (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Counts up from 1.
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    -- LoyaltyProgram as JSON (docs/program.md).
    document TEXT NOT NULL,
    -- draft, review, approved, published, retired
    status TEXT NOT NULL,
    -- The number of the version that it began as a copy of.
    based_on BIGINT,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    edited_by TEXT NOT NULL,
    submitted_by TEXT,
    decided_by TEXT,
    published_ms BIGINT,
    retired_ms BIGINT
);
CREATE UNIQUE INDEX program_versions_by_number ON program_versions (number);
CREATE UNIQUE INDEX program_versions_in_force ON program_versions (status) WHERE status = 'published';

-- Who did what to a version. Append-only.
CREATE TABLE program_steps (
    version_id BIGINT NOT NULL,
    step BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    -- create, edit, submit, approve, reject, publish, retire
    verb TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (version_id, step)
) {without_rowid};

-- The code of the member's tier as the room of tiers keeps it; earning rules ask for it.
ALTER TABLE points_accounts ADD COLUMN tier TEXT;
