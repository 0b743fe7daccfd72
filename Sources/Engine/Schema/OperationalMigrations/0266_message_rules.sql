-- What messages are sent by beyond consent and caps: who goes first, at which hour, and by which way round.
-- Written by Messaging/ only.
ALTER TABLE messages ADD COLUMN priority BIGINT NOT NULL DEFAULT 5;
-- The queue has the order in which it is taken.
DROP INDEX messages_due_by_channel;
CREATE INDEX messages_due_by_channel ON messages (state, channel, due_ms, priority DESC, id);
-- When it was to leave at first, however often it was put off since; 0: as due_ms.
ALTER TABLE messages ADD COLUMN asked_ms BIGINT NOT NULL DEFAULT 0;
-- best_hour: to be given the person's best hour; timed: has it; empty: as due_ms says.
ALTER TABLE messages ADD COLUMN timing TEXT NOT NULL DEFAULT '';
-- JSON: templates of other channels that are tried, in order, when this one does not reach the person.
ALTER TABLE messages ADD COLUMN fallbacks TEXT NOT NULL DEFAULT '[]';
-- How many channels were tried before this one.
ALTER TABLE messages ADD COLUMN hop BIGINT NOT NULL DEFAULT 0;
ALTER TABLE message_templates ADD COLUMN fallbacks TEXT NOT NULL DEFAULT '[]';

-- What a message was before it took another channel, and why it did.
CREATE TABLE message_hops (
    message_id BIGINT NOT NULL,
    hop BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    -- suppressed, bounced, failed
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (message_id, hop)
) {without_rowid};

-- Consent that somebody asked for and the person has yet to confirm.
CREATE TABLE message_opt_ins (
    id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    -- A topic of the policy, or empty: the channel.
    topic TEXT NOT NULL,
    address TEXT NOT NULL,
    -- pending, confirmed, expired, withdrawn
    state TEXT NOT NULL,
    -- Who asked (api, event, console) and where, with which words.
    source TEXT NOT NULL,
    proof TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    -- When the newest letter was written, and how many were.
    lettered_ms BIGINT NOT NULL,
    letters BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    -- When and from where it was confirmed; NULL: it was not.
    confirmed_ms BIGINT,
    confirmed_from TEXT NOT NULL
);
CREATE INDEX message_opt_ins_by_profile ON message_opt_ins (profile_id, state);
CREATE INDEX message_opt_ins_by_expiry ON message_opt_ins (state, expires_ms);

-- The channel that a person would rather be written to on.
CREATE TABLE message_preferences (
    profile_id BIGINT NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- preferences, api
    source TEXT NOT NULL
);

-- In which hours of their own clock people look at what they get; profile 0: all together, on the workspace's clock.
CREATE TABLE message_hours (
    profile_id BIGINT NOT NULL PRIMARY KEY,
    -- JSON: 24 numbers.
    weights TEXT NOT NULL,
    learned_ms BIGINT NOT NULL
);
