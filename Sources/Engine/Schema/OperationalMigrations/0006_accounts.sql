-- Who may do what. Written by Accounts/.
CREATE TABLE users (
    id BIGINT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    -- admin, marketer, analyst, service, viewer
    role TEXT NOT NULL,
    -- scrypt in PHC format; empty until the one-time sign-in link was used.
    password TEXT NOT NULL,
    -- zh-Hans or en; light, dark or system.
    language TEXT NOT NULL,
    theme TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    disabled_ms BIGINT
);
CREATE UNIQUE INDEX users_by_email ON users (email);

CREATE TABLE sessions (
    -- SHA-256 of the cookie's token.
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    csrf_token TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- One-time links: first sign-in of an administrator, invitations, password resets.
CREATE TABLE sign_in_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT
);

-- Failed sign-ins by address and account, for throttling.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    blocked_until_ms BIGINT NOT NULL
);

-- Secret keys of the API.
CREATE TABLE api_keys (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- SHA-256 of the key; its first characters for recognition.
    key_hash TEXT NOT NULL,
    prefix TEXT NOT NULL,
    -- Space-separated scopes: events:write profiles:read …
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT,
    revoked_ms BIGINT
);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (key_hash);

-- Answers to writes that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    response TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (caller, idempotency_key)
);

CREATE TABLE audit_log (
    id {id},
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- SHA-256 over the previous hash and this row.
    hash TEXT NOT NULL
);
