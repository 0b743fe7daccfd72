-- How the brand accompanies people: definitions with versions, and everybody's way through them.
-- Written by Journeys/ only.
CREATE TABLE journeys (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- draft, live, paused, ended
    status TEXT NOT NULL,
    -- 0 until the first version is published.
    published_version BIGINT NOT NULL,
    -- What random splits and holdouts are drawn with, for all time.
    salt TEXT NOT NULL,
    -- Only what the log says beyond it lets people in.
    from_position BIGINT NOT NULL,
    paused_ms BIGINT,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    deleted_ms BIGINT
);

CREATE TABLE journey_versions (
    id BIGINT NOT NULL PRIMARY KEY,
    journey_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    -- draft, published, retired
    status TEXT NOT NULL,
    -- JourneyDefinition as JSON.
    definition TEXT NOT NULL,
    updated_ms BIGINT NOT NULL,
    published_ms BIGINT,
    published_by TEXT NOT NULL
);
CREATE UNIQUE INDEX journey_versions_by_number ON journey_versions (journey_id, number);

-- One person's way through one journey.
CREATE TABLE journey_runs (
    id BIGINT NOT NULL PRIMARY KEY,
    journey_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    -- 0 once the person was erased.
    profile_id BIGINT NOT NULL,
    -- What let the person in: the same cause lets nobody in twice.
    entry_key TEXT NOT NULL,
    -- active, failed (set aside, can be tried again), ended
    status TEXT NOT NULL,
    -- Why it ended: finished, exit, goal, condition, holdout, merged, erased, republished, expired, removed
    ending TEXT NOT NULL,
    node TEXT NOT NULL,
    -- How many nodes were arrived at: (run, node, visit) names every effect.
    visit BIGINT NOT NULL,
    -- 1: stands at the node and waits there; 0: has yet to arrive.
    is_waiting BIGINT NOT NULL,
    arrived_ms BIGINT NOT NULL,
    -- When the wait ends by time alone.
    timer_ms BIGINT,
    -- When to look at the run next; NULL while nothing can happen.
    due_ms BIGINT,
    -- What `due_ms` was when the journey was paused.
    held_ms BIGINT,
    -- Events of the log up to here were looked at.
    seen BIGINT NOT NULL,
    -- Rises with every step: a step that was thought out for another state is not written.
    fence BIGINT NOT NULL,
    entered_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    goal_ms BIGINT,
    -- JSON: what the entering event said.
    entry_values TEXT NOT NULL,
    error TEXT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE UNIQUE INDEX journey_runs_by_key ON journey_runs (journey_id, entry_key);
CREATE INDEX journey_runs_by_due ON journey_runs (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX journey_runs_by_person ON journey_runs (profile_id, journey_id);
CREATE INDEX journey_runs_by_node ON journey_runs (journey_id, status, version_id, node);
CREATE INDEX journey_runs_by_entry ON journey_runs (journey_id, entered_ms);

-- What happened to people of active runs that a node, a goal or an exit condition of theirs asks for.
CREATE TABLE journey_inputs (
    run_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    time_ms BIGINT NOT NULL,
    properties TEXT NOT NULL,
    context TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
) {without_rowid};

-- Every node that somebody passed or was at, with the decision taken there.
CREATE TABLE journey_visits (
    run_id BIGINT NOT NULL,
    visit BIGINT NOT NULL,
    node TEXT NOT NULL,
    arrived_ms BIGINT NOT NULL,
    left_ms BIGINT NOT NULL,
    -- The way taken, and what was done or why not: awarded, refused:issue_limit, …
    path TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (run_id, visit)
) {without_rowid};

-- Counted in the transaction of what is counted. `figure`: passed, path:NAME, refused, entered, ended:WHY, goal.
CREATE TABLE journey_figures (
    journey_id BIGINT NOT NULL,
    node TEXT NOT NULL,
    figure TEXT NOT NULL,
    day BIGINT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (journey_id, node, figure, day)
) {without_rowid};

-- How far the sweep of a day has come for journeys that a date or a schedule lets people into.
CREATE TABLE journey_sweeps (
    journey_id BIGINT NOT NULL PRIMARY KEY,
    day BIGINT NOT NULL,
    after_profile BIGINT NOT NULL,
    is_done BIGINT NOT NULL
) {without_rowid};

-- What a merge moved, so that its undoing moves it back.
CREATE TABLE journey_moves (
    merge_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    PRIMARY KEY (merge_id, run_id)
) {without_rowid};
