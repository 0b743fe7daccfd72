-- The queue of each channel by itself, and inboxes in the order in which things came. Written by Messaging/ only.
DROP INDEX messages_due;
CREATE INDEX messages_due_by_channel ON messages (state, channel, due_ms, id);
DROP INDEX inbox_items_by_profile;
CREATE INDEX inbox_items_by_profile_time ON inbox_items (profile_id, created_ms, message_id);
