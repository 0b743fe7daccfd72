-- What one user asked for and another decides. Written by Approvals/.
CREATE TABLE approvals (
    id BIGINT NOT NULL PRIMARY KEY,
    -- A word of ApprovalCatalog.
    kind TEXT NOT NULL,
    -- What it is about: `member:ID`.
    subject TEXT NOT NULL,
    -- What is done once it is approved: JSON, of the kind.
    request TEXT NOT NULL,
    -- Of the asking, so that asked twice it is there once.
    request_key TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- `user:ID` or `key:ID`.
    asked_by TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_ms BIGINT,
    note TEXT NOT NULL,
    -- What came of it, of the kind.
    result TEXT NOT NULL
);
CREATE UNIQUE INDEX approvals_by_key ON approvals (kind, request_key);
CREATE INDEX approvals_by_state ON approvals (state, id);
