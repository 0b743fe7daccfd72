-- Views of lists that people keep, and the columns that each person sees. Written by Views/.
CREATE TABLE saved_views (
    id BIGINT NOT NULL PRIMARY KEY,
    -- people, orders
    list TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The filters as the list's address carries them.
    query TEXT NOT NULL,
    -- 1: everybody sees it; 0: its owner alone.
    shared BIGINT NOT NULL,
    -- The user it belongs to; 0 when a key of the API made it.
    owner_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    -- Raised by every change: whoever changes an older one is told instead of writing over it.
    version BIGINT NOT NULL
);
CREATE INDEX saved_views_by_list ON saved_views (list, name, id);

CREATE TABLE list_columns (
    user_id BIGINT NOT NULL,
    list TEXT NOT NULL,
    -- Keys of columns, separated by blanks, in order.
    columns TEXT NOT NULL,
    PRIMARY KEY (user_id, list)
) {without_rowid};
