-- Events for good. Sharded by profile on a cluster. `token`-deduplicated by batch.
CREATE TABLE events (
    position UInt64,
    profile_id UInt64,
    name {LC},
    kind {LC},
    ts DateTime,
    ts_ms Int64,
    received_ts DateTime,
    source_id UInt64,
    message_id String,
    anonymous_id String,
    url String,
    referrer String,
    campaign_source {LC},
    campaign_medium {LC},
    campaign_name {LC},
    properties String,
    context String,
    d Date
) ENGINE = {MergeTree} PARTITION BY toYYYYMM(d) ORDER BY (name, intHash32(profile_id), profile_id, ts)
SAMPLE BY intHash32(profile_id) SHARD BY intHash64(profile_id);

-- A mirror of profiles: a full row with a higher ver for every change.
CREATE TABLE profiles (
    profile_id UInt64,
    ver UInt64,
    created_ts DateTime,
    first_seen_ts DateTime,
    last_seen_ts DateTime,
    identified UInt8,
    identified_ts DateTime,
    source_id UInt64,
    event_count UInt64,
    order_count UInt64,
    net_spend Int64,
    first_order_ts DateTime,
    last_order_ts DateTime,
    stage {LC},
    rfm_class {LC},
    is_deleted UInt8
) ENGINE = {ReplacingMergeTree(ver)} ORDER BY profile_id SHARD BY intHash64(profile_id);

-- Merged profiles: the events of `profile_id` belong to `winner_id` (0: the merge was undone).
CREATE TABLE profile_aliases (
    profile_id UInt64,
    ver UInt64,
    winner_id UInt64
) ENGINE = {ReplacingMergeTree(ver)} ORDER BY profile_id SHARD BY intHash64(profile_id);

-- One current row an order and person; an order that moved by a merge leaves a row with is_deleted = 1 behind.
CREATE TABLE orders (
    profile_id UInt64,
    order_key UInt64,
    ver UInt64,
    order_id String,
    status {LC},
    ts DateTime,
    d Date,
    currency {LC},
    gross Int64,
    refunded Int64,
    net Int64,
    quantity Int64,
    lines UInt32,
    store {LC},
    channel {LC},
    source_id UInt64,
    is_deleted UInt8
) ENGINE = {ReplacingMergeTree(ver)} ORDER BY (profile_id, order_key) SHARD BY intHash64(profile_id);
