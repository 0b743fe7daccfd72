-- What people answered to messages. Written by Messaging/ only.
CREATE TABLE message_replies (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Natural key of the channel: received twice it is there once.
    reply_key TEXT NOT NULL UNIQUE,
    profile_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    -- What it answers; 0: nobody knows.
    message_id BIGINT NOT NULL,
    body TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX message_replies_by_profile ON message_replies (profile_id, id);

-- Counts of messages that were forgotten for their age, so that reports keep their figures. Written by Messaging/ only.
CREATE TABLE message_totals (
    origin TEXT NOT NULL,
    origin_id BIGINT NOT NULL,
    -- planned, eligible, sent, delivered, opened, clicked, scanned, state:WORD, suppressed:REASON, channel:NAME
    figure TEXT NOT NULL,
    messages BIGINT NOT NULL,
    PRIMARY KEY (origin, origin_id, figure)
) {without_rowid};
