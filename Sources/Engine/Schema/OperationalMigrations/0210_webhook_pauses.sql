-- Since when a webhook is paused: what happens meanwhile is not told, and the first message after it says so. Written by
-- Webhooks/ only.
ALTER TABLE webhook_endpoints ADD COLUMN paused_ms BIGINT;
