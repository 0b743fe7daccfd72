-- What is left of a lot is no part of an index any more: every redemption wrote them anew, in SQLite a page of each, in
-- PostgreSQL all indexes of the table. Spent lots that have not lapsed are passed over by who looks for what lapses next.
DROP INDEX points_lots_by_event;
CREATE INDEX points_lots_by_event ON points_lots (waits_for) WHERE waits_for <> '' AND pending = 1;
DROP INDEX points_lots_by_expiry;
CREATE INDEX points_lots_by_expiry ON points_lots (currency, expires_ms) WHERE expires_ms IS NOT NULL;
