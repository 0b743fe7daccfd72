-- Addresses that are told what happens, and the outbox of what they are told. Written by Webhooks/ only.
CREATE TABLE webhook_endpoints (
    id BIGINT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    -- JSON: names of system events; empty: only what is pushed.
    events TEXT NOT NULL,
    -- JSON: ids of segments that Segment Entered and Segment Left are narrowed to; empty: all.
    segments TEXT NOT NULL,
    -- enabled, paused
    status TEXT NOT NULL,
    -- Why it is paused: by_hand, failing, gone; empty while it is enabled.
    reason TEXT NOT NULL DEFAULT '',
    -- Sealed; the one before signs too until the moment beside it.
    secret TEXT NOT NULL,
    old_secret TEXT NOT NULL DEFAULT '',
    old_until_ms BIGINT NOT NULL DEFAULT 0,
    -- What happened up to here in the log is not told.
    from_position BIGINT NOT NULL,
    -- The number of the last message.
    sequence BIGINT NOT NULL DEFAULT 0,
    -- Since when nothing has been accepted, how many attempts failed in a row, and until when it is left in peace.
    failing_since_ms BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    resume_ms BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);

CREATE TABLE webhook_deliveries (
    id BIGINT NOT NULL PRIMARY KEY,
    endpoint_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT NOT NULL,
    -- The JSON text that is signed and sent.
    body TEXT NOT NULL,
    -- waiting, sending, delivered, dead
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    due_ms BIGINT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    fence BIGINT NOT NULL DEFAULT 0,
    lease_expires_ms BIGINT NOT NULL DEFAULT 0,
    -- Of the last attempt: status (0: none came), the beginning of what was answered, and what went wrong.
    answer_status BIGINT NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '',
    took_ms BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    attempted_ms BIGINT,
    UNIQUE (endpoint_id, sequence)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, status, due_ms, sequence);

-- Segments that are kept up to date at an endpoint: the whole list once, then who comes and goes.
CREATE TABLE webhook_pushes (
    endpoint_id BIGINT NOT NULL,
    segment_id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (endpoint_id, segment_id)
) {without_rowid};
