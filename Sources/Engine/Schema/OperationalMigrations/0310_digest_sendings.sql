-- Who was mailed which digest of a dashboard. Written by Dashboards/ only.
CREATE TABLE digest_sendings (
    dashboard_id BIGINT NOT NULL,
    -- The moment of its schedule, and whom it is for: each pair is mailed once.
    due_ms BIGINT NOT NULL,
    address TEXT NOT NULL,
    -- sending, sent, waiting (for another attempt), refused, unknown.
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- What the mail server said.
    detail TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (dashboard_id, due_ms, address)
);
CREATE INDEX digest_sendings_by_time ON digest_sendings (due_ms);
