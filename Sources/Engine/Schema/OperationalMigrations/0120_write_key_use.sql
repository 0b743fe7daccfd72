-- When clients last used a write key, noted once a minute at most. Written by Sources/ only.
ALTER TABLE write_keys ADD COLUMN last_used_ms BIGINT;
