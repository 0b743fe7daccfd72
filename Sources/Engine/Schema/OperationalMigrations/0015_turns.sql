-- Whose turn it is to do what one process at a time may do in a store without locks of its own.
-- Written by AnalyticsSchema/.
CREATE TABLE turns (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    expires_ms BIGINT NOT NULL
) {without_rowid};
