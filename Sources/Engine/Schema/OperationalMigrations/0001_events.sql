-- The one log and what became of every event in it. Written by Events/ only.
CREATE TABLE event_log (
    position {id},
    -- Which processor partition the event belongs to: a hash of its strongest identity.
    shard BIGINT NOT NULL,
    -- 0 for events that Perennial writes itself.
    source_id BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    time_ms BIGINT NOT NULL,
    received_ms BIGINT NOT NULL,
    -- Kinds and values in turn, parted by U+001F (IdentityText).
    identities TEXT NOT NULL,
    properties TEXT NOT NULL,
    traits TEXT NOT NULL,
    trait_operation TEXT NOT NULL,
    context TEXT NOT NULL
);

-- What the processor decided: stored, duplicate, blocked or failed, and for whom. The archiver joins it to the log.
CREATE TABLE event_outcomes (
    position BIGINT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    outcome TEXT NOT NULL
) {without_rowid};

-- Message ids for deduplication and receipts, kept with their outcome for EventLimits.deduplicationDays.
-- A row appears when the processor has seen the event; profile and outcome are in event_outcomes by position.
CREATE TABLE event_receipts (
    source_id BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    received_ms BIGINT NOT NULL,
    duplicates BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (source_id, message_id)
) {without_rowid};

-- A consumer's place in one shard of the log, with the fence of the process that holds it.
CREATE TABLE log_consumers (
    consumer TEXT NOT NULL,
    shard BIGINT NOT NULL,
    position BIGINT NOT NULL,
    -- Where the range in flight ends: a repeated load after a crash is the same range. Equal to position when idle.
    planned BIGINT NOT NULL,
    owner TEXT NOT NULL,
    fence BIGINT NOT NULL,
    lease_expires_ms BIGINT NOT NULL,
    PRIMARY KEY (consumer, shard)
);

-- Processes that are alive, by heartbeat: how consumers share the shards and what the status page shows.
CREATE TABLE live_processes (
    owner TEXT NOT NULL,
    role TEXT NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (owner, role)
);

CREATE TABLE quarantine (
    id BIGINT NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL,
    message_id TEXT,
    dialect TEXT NOT NULL,
    reason TEXT NOT NULL,
    explanation TEXT NOT NULL,
    raw {blob} NOT NULL,
    received_ms BIGINT NOT NULL,
    -- waiting, replayed, discarded
    status TEXT NOT NULL,
    resolved_ms BIGINT
);
CREATE INDEX quarantine_by_status ON quarantine (status, id);
CREATE INDEX quarantine_by_message ON quarantine (message_id);

-- Where events come from. Written by Sources/.
CREATE TABLE sources (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- web, app, server, wechat, pos, import, platform
    kind TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    archived_ms BIGINT,
    first_event_ms BIGINT,
    last_event_ms BIGINT
);

-- Write keys identify a source in a collector request; they are public by nature (they ship in web pages).
CREATE TABLE write_keys (
    write_key TEXT NOT NULL PRIMARY KEY,
    source_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    revoked_ms BIGINT
);
