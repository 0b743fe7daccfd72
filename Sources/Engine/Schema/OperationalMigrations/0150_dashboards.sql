-- Pages of panels that people put together from reports. Written by Dashboards/ only.
CREATE TABLE dashboards (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- 1: everybody sees it; 0: its owner alone.
    shared BIGINT NOT NULL,
    -- The user it belongs to; 0 when a key of the API made it.
    owner_id BIGINT NOT NULL,
    -- JSON: panels in order, days and segment for all of them, schedule of the digest.
    layout TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE INDEX dashboards_by_name ON dashboards (name, id);
