-- Every event name, property and trait ever seen, and what was declared of it. Written by Catalogue/.
CREATE TABLE catalogue_events (
    name TEXT NOT NULL PRIMARY KEY,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    volume BIGINT NOT NULL,
    example TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    declared BIGINT NOT NULL DEFAULT 0,
    blocked BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE catalogue_fields (
    -- 'trait', or 'event:' and the event's name.
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The type seen last and the declared one: string, integer, number, boolean, datetime, list, object.
    seen_type TEXT NOT NULL,
    declared_type TEXT,
    -- Traits only: basic, behaviour, life.
    trait_class TEXT,
    pii BIGINT NOT NULL DEFAULT 0,
    required BIGINT NOT NULL DEFAULT 0,
    blocked BIGINT NOT NULL DEFAULT 0,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    volume BIGINT NOT NULL,
    example TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (owner, name)
);

CREATE TABLE catalogue_violations (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    -- wrong_type, missing, blocked, too_many
    rule TEXT NOT NULL,
    volume BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    example TEXT NOT NULL,
    evidence BIGINT NOT NULL,
    PRIMARY KEY (owner, name, rule)
);
