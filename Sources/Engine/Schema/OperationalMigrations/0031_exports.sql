-- Lists that were asked for as files. Written by Exports/.
CREATE TABLE exports (
    id BIGINT NOT NULL PRIMARY KEY,
    -- people, orders
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON: filters and columns (ExportRequest).
    request TEXT NOT NULL,
    job_id BIGINT NOT NULL,
    -- How far it has come: rows written, bytes of text, and where it goes on after a restart.
    rows_written BIGINT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    parts BIGINT NOT NULL DEFAULT 0,
    checkpoint TEXT NOT NULL DEFAULT '',
    created_ms BIGINT NOT NULL,
    -- The user who asked; 0 for a key of the API.
    created_by BIGINT NOT NULL,
    finished_ms BIGINT,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX exports_by_user ON exports (created_by, id);
CREATE INDEX exports_by_expiry ON exports (expires_ms);

-- The file in pieces, each compressed by itself, so that any process can go on with it and hand it out.
CREATE TABLE export_parts (
    export_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    raw_bytes BIGINT NOT NULL,
    content {blob} NOT NULL,
    PRIMARY KEY (export_id, number)
);
