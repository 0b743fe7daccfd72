-- Whose messages go first where a cap leaves room for some only. Written by Journeys/ only.
ALTER TABLE journeys ADD COLUMN priority BIGINT NOT NULL DEFAULT 5;
