-- Scores that the person has (Engine/Scores), as parallel arrays; points in thousandths.
ALTER TABLE {each profiles} ADD COLUMN score_models Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN score_totals Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN score_fits Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN score_engagements Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN score_grades Array(String);
