-- Tags that the person has (Engine/Tags).
ALTER TABLE {each profiles} ADD COLUMN tags Array(Int64);
