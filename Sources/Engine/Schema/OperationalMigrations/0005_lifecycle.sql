-- Where people stand and how that was decided. Written by Lifecycle/ (stages) and RFM/ (classes).
CREATE TABLE stage_history (
    profile_id BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    from_stage TEXT,
    to_stage TEXT NOT NULL,
    -- order, time, refund, model, merge
    cause TEXT NOT NULL,
    model_version BIGINT NOT NULL,
    -- JSON: orders, recency in days, the thresholds compared with.
    evidence TEXT NOT NULL,
    PRIMARY KEY (profile_id, at_ms, to_stage)
);
CREATE INDEX stage_history_by_time ON stage_history (at_ms);

CREATE TABLE lifecycle_models (
    version BIGINT NOT NULL PRIMARY KEY,
    created_ms BIGINT NOT NULL,
    -- JSON model card: window, gaps used, q80 and q90 by order count, K, conversions, who moved.
    card TEXT NOT NULL
);

CREATE TABLE rfm_models (
    version BIGINT NOT NULL PRIMARY KEY,
    created_ms BIGINT NOT NULL,
    -- JSON model card: window, as-of date, method, cut points, class cuts, counts.
    card TEXT NOT NULL
);

-- Small facts about the workspace and the background work, as JSON by key. Written by Accounts/Settings.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_ms BIGINT NOT NULL
);

-- Work that runs at a time: model refresh, retention, sweeps. Claimed under a lease. Written by Jobs/.
CREATE TABLE jobs (
    id BIGINT NOT NULL PRIMARY KEY,
    -- import, export, refresh_lifecycle, refresh_rfm, retention, …
    kind TEXT NOT NULL,
    -- A second job with the same key and a living status is refused.
    job_key TEXT NOT NULL,
    -- waiting, running, cancelling; done, failed, cancelled
    status TEXT NOT NULL,
    due_ms BIGINT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    lease_expires_ms BIGINT NOT NULL DEFAULT 0,
    fence BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- JSON: the request, the progress (done, total, unit), the result or the error.
    request TEXT NOT NULL,
    progress TEXT NOT NULL DEFAULT '{}',
    result TEXT,
    created_ms BIGINT NOT NULL,
    started_ms BIGINT,
    finished_ms BIGINT,
    created_by BIGINT
);
CREATE UNIQUE INDEX jobs_by_living_key ON jobs (job_key) WHERE status IN ('waiting', 'running', 'cancelling');
CREATE INDEX jobs_by_due ON jobs (status, due_ms);
CREATE INDEX jobs_by_kind ON jobs (kind, id);
