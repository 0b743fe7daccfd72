-- Who waits for what a webhook answers: JourneyQuestion as JSON; empty: nobody. webhook_deliveries is written by
-- Webhooks/ only.
ALTER TABLE webhook_deliveries ADD COLUMN question TEXT NOT NULL DEFAULT '';
