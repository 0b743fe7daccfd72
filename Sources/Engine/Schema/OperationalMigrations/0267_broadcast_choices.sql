-- How a broadcast goes out. Written by Broadcasts/ only.
ALTER TABLE broadcasts ADD COLUMN priority BIGINT NOT NULL DEFAULT 5;
-- best_hour: each person in their own best hour; empty: at its time.
ALTER TABLE broadcasts ADD COLUMN timing TEXT NOT NULL DEFAULT '';
-- JSON: templates of other channels, in order; NULL: those that the template names.
ALTER TABLE broadcasts ADD COLUMN fallbacks TEXT;
