-- What nodes gave, within what they may give, and what a new version did to people on their way.
-- Written by Journeys/ only.
CREATE TABLE journey_gifts (
    -- Natural key of the visit.
    gift_key TEXT NOT NULL PRIMARY KEY,
    journey_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    -- 0 once the person was erased.
    profile_id BIGINT NOT NULL,
    -- points, coupon
    kind TEXT NOT NULL,
    -- Of points their kind, of a coupon its definition.
    what TEXT NOT NULL,
    amount BIGINT NOT NULL,
    -- 0: of points.
    coupon_id BIGINT NOT NULL,
    -- The order that let the person in, if it is to be taken back with it; empty: never.
    order_id TEXT NOT NULL,
    -- Of `amount`: taken back, or let go since it could not be.
    reversed BIGINT NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    given_ms BIGINT NOT NULL
) {without_rowid};
CREATE INDEX journey_gifts_by_journey ON journey_gifts (journey_id, kind, what);
CREATE INDEX journey_gifts_by_order ON journey_gifts (order_id) WHERE order_id <> '';
CREATE INDEX journey_gifts_by_profile ON journey_gifts (profile_id);

CREATE TABLE journey_budgets (
    journey_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    given BIGINT NOT NULL,
    PRIMARY KEY (journey_id, node)
) {without_rowid};

CREATE TABLE journey_publications (
    id BIGINT NOT NULL PRIMARY KEY,
    journey_id BIGINT NOT NULL,
    -- 0: there was none before.
    from_version BIGINT NOT NULL,
    to_version BIGINT NOT NULL,
    -- stay, move, exit
    transfer TEXT NOT NULL,
    people BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    undone_ms BIGINT,
    undone_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX journey_publications_by_journey ON journey_publications (journey_id, at_ms, id);

-- Where people stood before a new version moved them or let them go, for as long as that can be undone.
CREATE TABLE journey_publication_moves (
    publication_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    status TEXT NOT NULL,
    is_waiting BIGINT NOT NULL,
    timer_ms BIGINT,
    due_ms BIGINT,
    held_ms BIGINT,
    arrived_ms BIGINT NOT NULL,
    -- Whoever has gone on since has a higher one.
    visit BIGINT NOT NULL,
    -- The node that they were moved to.
    target TEXT NOT NULL,
    PRIMARY KEY (publication_id, run_id)
) {without_rowid};
