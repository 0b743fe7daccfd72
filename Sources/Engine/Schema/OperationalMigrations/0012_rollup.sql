-- Visits and receipts are rolled up from the processed log in large strokes. Written by Events/.
-- 1: the event changed nothing of its person but the count of events and the time last seen, and these are added to the
-- profile when the roll-up passes the position.
ALTER TABLE event_outcomes ADD COLUMN visit BIGINT NOT NULL DEFAULT 0;

-- How far the roll-up is inside its planned range: people up to this id are done.
CREATE TABLE rollup_cursor (
    consumer TEXT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL
);

-- What was processed before is rolled up and mirrored already.
INSERT INTO log_consumers (consumer, shard, position, planned, owner, fence, lease_expires_ms)
SELECT 'rollup', 0, min(position), min(position), '', 0, 0
FROM log_consumers WHERE consumer = 'processor' HAVING count(*) > 0;
INSERT INTO log_consumers (consumer, shard, position, planned, owner, fence, lease_expires_ms)
SELECT 'mirror', 0, min(position), min(position), '', 0, 0
FROM log_consumers WHERE consumer = 'processor' HAVING count(*) > 0;
