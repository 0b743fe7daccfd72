-- The second factor, single sign-on, and what an account did last. Written by Accounts/.
ALTER TABLE users ADD COLUMN signed_in_ms BIGINT;
-- When the second factor was confirmed; NULL without one.
ALTER TABLE users ADD COLUMN two_factor_ms BIGINT;
-- password, link, sso
ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT 'password';

CREATE TABLE two_factors (
    user_id BIGINT NOT NULL PRIMARY KEY,
    -- The shared secret, sealed.
    secret TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    confirmed_ms BIGINT,
    -- The time step of the last code that was taken: none is taken twice.
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    -- SHA-256.
    code_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    used_ms BIGINT
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- Sign-ins that wait for the second factor.
CREATE TABLE sign_in_challenges (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    -- How the first factor was proved.
    method TEXT NOT NULL,
    expires_ms BIGINT NOT NULL
);

-- Single sign-ons on their way to the identity provider and back.
CREATE TABLE sign_on_attempts (
    -- SHA-256 of the state.
    state_hash TEXT NOT NULL PRIMARY KEY,
    nonce TEXT NOT NULL,
    -- The PKCE verifier, sealed.
    verifier TEXT NOT NULL,
    -- Where to go afterwards.
    next TEXT NOT NULL,
    expires_ms BIGINT NOT NULL
);

CREATE INDEX audit_log_by_actor ON audit_log (actor, id);
CREATE INDEX audit_log_by_action ON audit_log (action, id);
CREATE INDEX audit_log_by_time ON audit_log (at_ms);
