-- How far the mailbox that letters come back to has been read: one row. Written by Messaging/ only.
CREATE TABLE bounce_mailbox (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Which process looks into it now.
    owner TEXT NOT NULL,
    fence BIGINT NOT NULL,
    lease_expires_ms BIGINT NOT NULL,
    due_ms BIGINT NOT NULL,
    -- Server, user and folder that the marks below are of.
    place TEXT NOT NULL,
    uid_validity BIGINT NOT NULL,
    -- Every letter up to this UID has been taken.
    uid_mark BIGINT NOT NULL,
    -- UIDs of letters that were taken and are still to be deleted, as a JSON list.
    pending TEXT NOT NULL,
    -- A letter that could not be read, and how often that was tried.
    stuck_uid BIGINT NOT NULL,
    stuck_tries BIGINT NOT NULL,
    -- The last look that reached its end; NULL: there was none.
    polled_ms BIGINT,
    letters BIGINT NOT NULL,
    reports BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    -- In a row.
    failures BIGINT NOT NULL,
    error TEXT NOT NULL,
    error_ms BIGINT
);
