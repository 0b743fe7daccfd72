-- What is written to people, in drafts and published versions. Written by Messaging/ only.
CREATE TABLE message_templates (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- A word of ChannelCatalog.
    channel TEXT NOT NULL,
    -- A topic of the policy, which people can leave; empty: none.
    topic TEXT NOT NULL,
    is_transactional BIGINT NOT NULL,
    -- TemplateContent as JSON (docs/templates.md).
    draft TEXT NOT NULL,
    -- Of the version in force; 0: none was published.
    version BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    edited_by TEXT NOT NULL,
    archived_ms BIGINT
);

CREATE TABLE message_template_versions (
    template_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    published_ms BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    PRIMARY KEY (template_id, version)
) {without_rowid};

-- One row for each message to one person.
CREATE TABLE messages (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Natural key: planned twice it is there once, for ever.
    message_key TEXT NOT NULL UNIQUE,
    profile_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    topic TEXT NOT NULL,
    is_transactional BIGINT NOT NULL,
    -- journey, broadcast, test, api; of which one; and the place in it as JSON.
    origin TEXT NOT NULL,
    origin_id BIGINT NOT NULL,
    origin_detail TEXT NOT NULL,
    -- JSON: what the message is about, the event that began a run.
    event_values TEXT NOT NULL,
    -- planned, sending, sent, delivered, opened, clicked; suppressed, bounced, complained, unknown, failed
    state TEXT NOT NULL,
    -- Why it was suppressed, bounced or failed, as a word, and in the other side's words.
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    template_version BIGINT NOT NULL DEFAULT 0,
    variant TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT '',
    provider_id TEXT NOT NULL DEFAULT '',
    due_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '',
    fence BIGINT NOT NULL DEFAULT 0,
    lease_expires_ms BIGINT NOT NULL DEFAULT 0,
    planned_ms BIGINT NOT NULL,
    -- When it came that far; NULL: it never did.
    eligible_ms BIGINT,
    sent_ms BIGINT,
    delivered_ms BIGINT,
    opened_ms BIGINT,
    clicked_ms BIGINT,
    -- Opened or followed by a machine: a scanner of mail, a preview.
    scanned_ms BIGINT,
    ended_ms BIGINT,
    updated_ms BIGINT NOT NULL
);
CREATE INDEX messages_due ON messages (state, due_ms, id);
CREATE INDEX messages_by_profile ON messages (profile_id, eligible_ms);
CREATE INDEX messages_by_origin ON messages (origin, origin_id, planned_ms, id);
CREATE INDEX messages_by_time ON messages (planned_ms, id);
CREATE INDEX messages_by_template ON messages (template_id, state);
CREATE INDEX messages_by_provider_id ON messages (provider_id);

-- Addresses that are not written to, and why.
CREATE TABLE message_suppressions (
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    -- bounce, complaint, hand
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (channel, address)
) {without_rowid};
CREATE INDEX message_suppressions_by_time ON message_suppressions (created_ms);

-- What a person said last about a topic of a channel (empty topic: the whole channel), with proof.
CREATE TABLE message_consents (
    profile_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    topic TEXT NOT NULL,
    is_granted BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- one_click, preferences, console, api
    source TEXT NOT NULL,
    -- The words that were agreed to or refused, and from where.
    proof TEXT NOT NULL,
    message_id BIGINT NOT NULL,
    PRIMARY KEY (profile_id, channel, topic)
) {without_rowid};

-- How each way out is: left in peace after failures, and how much went out in the running window of time.
CREATE TABLE message_gates (
    -- `email`, `email:example.com`
    scope TEXT NOT NULL PRIMARY KEY,
    window_ms BIGINT NOT NULL,
    used BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    -- Nothing goes out before; 0: open.
    closed_until_ms BIGINT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- What people find in the inbox of the brand's own app or site.
CREATE TABLE inbox_items (
    message_id BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    read_ms BIGINT
);
CREATE INDEX inbox_items_by_profile ON inbox_items (profile_id, message_id);
