-- Files of orders, profiles and events that were brought in, or are being. Written by Imports/.
CREATE TABLE imports (
    id BIGINT NOT NULL PRIMARY KEY,
    -- orders, profiles, events
    kind TEXT NOT NULL,
    -- 0 until the import is started.
    source_id BIGINT NOT NULL,
    -- The name it was given; where it lies now; whether that copy is ours to delete.
    file_name TEXT NOT NULL,
    file_path TEXT NOT NULL,
    is_upload BIGINT NOT NULL,
    file_bytes BIGINT NOT NULL,
    -- SHA-256 of the file's beginning, end and size: the same file is known again.
    fingerprint TEXT NOT NULL,
    -- uploaded, waiting, running, done, failed, cancelled
    status TEXT NOT NULL,
    -- JSON: ImportOptions as asked, ResolvedImport as decided, ImportProgress, the error.
    options TEXT NOT NULL,
    plan TEXT,
    progress TEXT NOT NULL DEFAULT '{}',
    error TEXT,
    errors_path TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    started_ms BIGINT,
    finished_ms BIGINT,
    updated_ms BIGINT NOT NULL,
    created_by BIGINT
);
CREATE INDEX imports_by_fingerprint ON imports (fingerprint, status);
