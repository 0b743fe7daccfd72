-- The public site for members: how they come in, and how often they may ask. Written by Members/ only.
CREATE TABLE centre_links (
    id BIGINT NOT NULL PRIMARY KEY,
    -- SHA-256; the link itself is kept nowhere.
    token_hash TEXT NOT NULL,
    -- The person; a merge leads on to whom they became.
    profile_id BIGINT NOT NULL,
    is_once BIGINT NOT NULL,
    -- To look only.
    is_preview BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_ms BIGINT NOT NULL,
    -- First opened.
    used_ms BIGINT,
    revoked_ms BIGINT
);
CREATE UNIQUE INDEX centre_links_by_token ON centre_links (token_hash);
CREATE INDEX centre_links_by_profile ON centre_links (profile_id, created_ms);
CREATE INDEX centre_links_by_end ON centre_links (expires_ms);

CREATE TABLE centre_sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    -- link:ID or key:ID, so that what is revoked ends what it opened.
    origin TEXT NOT NULL,
    is_preview BIGINT NOT NULL,
    csrf_token TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX centre_sessions_by_profile ON centre_sessions (profile_id, created_ms);
CREATE INDEX centre_sessions_by_origin ON centre_sessions (origin);
CREATE INDEX centre_sessions_by_end ON centre_sessions (expires_ms);

-- The brand's own tokens that were used, until they end: each opens one session.
CREATE TABLE centre_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX centre_tokens_by_end ON centre_tokens (expires_ms);

-- How often somebody did something since a moment.
CREATE TABLE centre_attempts (
    subject TEXT NOT NULL PRIMARY KEY,
    attempts BIGINT NOT NULL,
    ends_ms BIGINT NOT NULL
);
CREATE INDEX centre_attempts_by_end ON centre_attempts (ends_ms);
