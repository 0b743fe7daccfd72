-- Messages of before 0266 do not lose when they were to leave at first once they are put off: 0 stood for due_ms, which
-- moves. messages is written by Messaging/ only.
UPDATE messages SET asked_ms = due_ms WHERE asked_ms = 0 AND state IN ('planned', 'sending', 'unknown', 'failed');
