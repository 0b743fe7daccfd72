-- One template to many people at once. Written by Broadcasts/ only.
CREATE TABLE broadcasts (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    segment_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    -- draft, waiting (for approval), planning, sending, stopped
    status TEXT NOT NULL,
    starts_ms BIGINT NOT NULL,
    -- Messages a minute; 0: as fast as the channel goes.
    per_minute BIGINT NOT NULL,
    -- People in a thousand who get nothing, for comparison; drawn by a hash of the salt.
    holdout_permille BIGINT NOT NULL,
    salt TEXT NOT NULL,
    planned BIGINT NOT NULL DEFAULT 0,
    held_out BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_ms BIGINT NOT NULL,
    started_ms BIGINT,
    stopped_ms BIGINT
);

CREATE TABLE broadcast_holdouts (
    broadcast_id BIGINT NOT NULL,
    profile_id BIGINT NOT NULL,
    PRIMARY KEY (broadcast_id, profile_id)
) {without_rowid};
