-- Hits of machines, prefetching and spam, counted apart from people's. Written by Traffic/ only.
CREATE TABLE filtered_traffic (
    -- Days since 1970 in the workspace's zone.
    day BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    -- machine, automation, prefetch, spam
    reason TEXT NOT NULL,
    -- The machine's name in the list, or the host of a spam referrer.
    agent TEXT NOT NULL,
    hits BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    PRIMARY KEY (day, source_id, reason, agent)
) {without_rowid};
