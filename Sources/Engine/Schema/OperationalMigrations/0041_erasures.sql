-- How far an erasure has come where a person is found by their values only. Written by Profiles/.
-- The person's values, sealed, for as long as they are searched for; NULL once nothing is left to search.
ALTER TABLE profile_erasures ADD COLUMN sought TEXT;
-- When every text and file had been searched.
ALTER TABLE profile_erasures ADD COLUMN swept_ms BIGINT;
