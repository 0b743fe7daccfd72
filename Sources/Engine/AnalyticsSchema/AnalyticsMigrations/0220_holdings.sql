-- What the person has of points and coupons (Engine/Criteria/CriteriaHoldings), as parallel arrays. Amounts are in the
-- currency's smallest part, which point_units tells in ten-thousandths; days count from 1970, 0: without end.
ALTER TABLE {each profiles} ADD COLUMN is_member UInt8;
ALTER TABLE {each profiles} ADD COLUMN point_currencies Array(String);
ALTER TABLE {each profiles} ADD COLUMN point_units Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN point_available Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN point_pending Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN point_earned Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN lapsing_currencies Array(String);
ALTER TABLE {each profiles} ADD COLUMN lapsing_days Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN lapsing_amounts Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN coupon_definitions Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN coupon_states Array(String);
ALTER TABLE {each profiles} ADD COLUMN coupon_days Array(Int64);
ALTER TABLE {each profiles} ADD COLUMN coupon_counts Array(Int64);
