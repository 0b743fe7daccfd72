-- The events once more, person by person in the order of time: what a person's page shows. `events` is sorted by name
-- for counting many people at once; one person is scattered over all of it. A row loaded twice stays once.
CREATE TABLE timeline (
    position UInt64,
    profile_id UInt64,
    name {LC},
    kind {LC},
    ts_ms Int64,
    received_ts DateTime,
    source_id UInt64,
    message_id String,
    url String,
    properties String,
    context String
) ENGINE = {ReplacingMergeTree} ORDER BY (profile_id, ts_ms, position) SHARD BY intHash64(profile_id);

-- What an interrupted run copied is copied anew.
TRUNCATE TABLE {data timeline};
INSERT INTO timeline (position, profile_id, name, kind, ts_ms, received_ts, source_id, message_id, url, properties,
    context)
SELECT position, profile_id, name, kind, ts_ms, received_ts, source_id, message_id, url, properties, context
FROM events;
