-- WeCom: who is whose customer, words of welcome, and group sends that employees confirm. Written by Messaging/ only.
CREATE TABLE wecom_contacts (
    external_id TEXT NOT NULL,
    employee TEXT NOT NULL,
    -- Of the code that somebody came by.
    state TEXT NOT NULL,
    added_ms BIGINT NOT NULL,
    -- NULL: they are still connected.
    deleted_ms BIGINT,
    PRIMARY KEY (external_id, employee)
) {without_rowid};

CREATE TABLE wecom_welcomes (
    code TEXT NOT NULL PRIMARY KEY,
    external_id TEXT NOT NULL,
    employee TEXT NOT NULL,
    -- waiting, sending, sent, taken (somebody was first), late, refused, unknown
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX wecom_welcomes_by_state ON wecom_welcomes (state, expires_ms);

-- Messages of one content, gathered for a while and handed to employees as one task.
CREATE TABLE wecom_tasks (
    id BIGINT NOT NULL PRIMARY KEY,
    -- A hash of what it says.
    content_key TEXT NOT NULL,
    -- The body of add_msg_template without its people, as JSON.
    body TEXT NOT NULL,
    -- gathering, handing, waiting (for employees), done, refused, unknown
    state TEXT NOT NULL,
    -- The task's name at WeCom.
    provider_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    people BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    opened_ms BIGINT NOT NULL,
    handed_ms BIGINT,
    -- When it is handed over or looked at next; of one that is being handed over, when it counts as cut off.
    due_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX wecom_tasks_by_content ON wecom_tasks (content_key) WHERE state = 'gathering';
CREATE INDEX wecom_tasks_by_due ON wecom_tasks (state, due_ms);

CREATE TABLE wecom_task_people (
    message_id BIGINT NOT NULL PRIMARY KEY,
    task_id BIGINT NOT NULL,
    external_id TEXT NOT NULL,
    -- waiting, sent, refused
    state TEXT NOT NULL
);
CREATE INDEX wecom_task_people_by_task ON wecom_task_people (task_id, state);
