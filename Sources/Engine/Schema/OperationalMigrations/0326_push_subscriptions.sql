-- Browsers that may be pushed to. Written by Messaging/ only.
CREATE TABLE push_subscriptions (
    -- SHA-256 of the endpoint, which is long.
    endpoint_hash TEXT NOT NULL PRIMARY KEY,
    endpoint TEXT NOT NULL,
    -- The browser's public key and secret, base64url.
    point TEXT NOT NULL,
    secret TEXT NOT NULL,
    -- The visitor's anonymous_id: whose they turn out to be is looked up when it is pushed.
    visitor TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL
) {without_rowid};
CREATE INDEX push_subscriptions_by_visitor ON push_subscriptions (visitor, seen_ms);
