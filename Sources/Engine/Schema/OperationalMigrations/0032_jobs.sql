-- What somebody asked for and what became of it, for the tray of running work. jobs is written by Jobs/.
CREATE INDEX jobs_by_user ON jobs (created_by, id);
