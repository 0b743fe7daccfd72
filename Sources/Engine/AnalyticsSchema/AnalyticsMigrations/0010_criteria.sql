-- What conditions ask for (Engine/Criteria): scalars of properties, traits and order lines as parallel arrays, read once
-- by FlatValues and CriteriaValue. Texts are folded, numbers ten-thousandths (-9000000000000000001: no number), dates
-- as 20260501 (0: no date).
ALTER TABLE {each events} ADD COLUMN prop_names Array(String);
ALTER TABLE {each events} ADD COLUMN prop_texts Array(String);
ALTER TABLE {each events} ADD COLUMN prop_numbers Array(Int64);

ALTER TABLE {each profiles} ADD COLUMN trait_names Array(String);
ALTER TABLE {each profiles} ADD COLUMN trait_texts Array(String);
ALTER TABLE {each profiles} ADD COLUMN trait_numbers Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN trait_dates Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN identity_kinds Array(String);
ALTER TABLE {each profiles} ADD COLUMN consent_granted Array(String);
ALTER TABLE {each profiles} ADD COLUMN consent_denied Array(String);
ALTER TABLE {each profiles} ADD COLUMN stage_since_ts DateTime;
ALTER TABLE {each profiles} ADD COLUMN rfm_r UInt8;
ALTER TABLE {each profiles} ADD COLUMN rfm_f UInt8;
ALTER TABLE {each profiles} ADD COLUMN rfm_m UInt8;
-- Segments that the person is in.
ALTER TABLE {each profiles} ADD COLUMN segments Array(Int64);

-- One element a line of the order; amounts in minor units of the workspace's currency.
ALTER TABLE {each orders} ADD COLUMN line_products Array(String);
ALTER TABLE {each orders} ADD COLUMN line_skus Array(String);
ALTER TABLE {each orders} ADD COLUMN line_names Array(String);
ALTER TABLE {each orders} ADD COLUMN line_categories Array(String);
ALTER TABLE {each orders} ADD COLUMN line_brands Array(String);
ALTER TABLE {each orders} ADD COLUMN line_amounts Array(Int64);
ALTER TABLE {each orders} ADD COLUMN line_quantities Array(Int64);
