-- What the brand's own people are asked to do about somebody. Written by Tasks/ only.
CREATE TABLE staff_tasks (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Natural key: asked for twice it is there once, for ever.
    task_key TEXT NOT NULL UNIQUE,
    profile_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    -- Whose it is: a role; empty: everybody's.
    role TEXT NOT NULL,
    -- open, done, skipped, withdrawn (nobody needs it any more)
    state TEXT NOT NULL,
    due_ms BIGINT NOT NULL,
    -- 0: no mail; 1: mail is to be sent; 2: it was, or could not be.
    mail BIGINT NOT NULL,
    journey_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    -- JourneyQuestion as JSON.
    question TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    created_ms BIGINT NOT NULL,
    closed_ms BIGINT,
    closed_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX staff_tasks_by_state ON staff_tasks (state, due_ms, id);
CREATE INDEX staff_tasks_by_profile ON staff_tasks (profile_id, id);
CREATE INDEX staff_tasks_by_run ON staff_tasks (run_id) WHERE state = 'open';
CREATE INDEX staff_tasks_by_mail ON staff_tasks (id) WHERE mail = 1;
