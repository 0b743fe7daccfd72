-- What was recognised about a visitor when an event came by browser (context.client, context.traffic), in columns.
-- traffic is empty for people; machine, automation, prefetch or spam for what a workspace keeps although it is none.
ALTER TABLE {each events} ADD COLUMN IF NOT EXISTS traffic String DEFAULT JSONExtractString(context, 'traffic');
ALTER TABLE {each events} ADD COLUMN IF NOT EXISTS browser String DEFAULT JSONExtractString(context, 'client', 'browser');
ALTER TABLE {each events} ADD COLUMN IF NOT EXISTS os String DEFAULT JSONExtractString(context, 'client', 'os');
ALTER TABLE {each events} ADD COLUMN IF NOT EXISTS device String DEFAULT JSONExtractString(context, 'client', 'device');
