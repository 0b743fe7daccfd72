-- Rewards that are paid out of a pool: its account; NULL: the member's own points. reward_claims is written by Rewards/.
ALTER TABLE reward_claims ADD COLUMN pool_id BIGINT;
