-- Whether somebody was in a journey before is asked at every entry. In the order of entering, so that no store without
-- statistics reads all runs of the journey in that order to find the few of one person.
DROP INDEX journey_runs_by_person;
CREATE INDEX journey_runs_by_person ON journey_runs (profile_id, journey_id, entered_ms);
