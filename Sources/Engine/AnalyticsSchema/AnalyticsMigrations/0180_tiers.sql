-- The tier that the person has (Engine/Tiers); empty of who is no member.
ALTER TABLE {each profiles} ADD COLUMN tier String;
ALTER TABLE {each profiles} ADD COLUMN tier_since_ts DateTime;
