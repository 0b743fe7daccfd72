-- Providers behind channels: what they approved, what they say of messages. Written by Messaging/ only.
CREATE TABLE provider_templates (
    provider TEXT NOT NULL,
    -- template, signature
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    language TEXT NOT NULL,
    name TEXT NOT NULL,
    -- With its places as the provider writes them.
    text TEXT NOT NULL,
    -- approved, waiting, rejected
    status TEXT NOT NULL,
    detail TEXT NOT NULL,
    category TEXT NOT NULL,
    -- Names of its places, parted by U+001F.
    parameters TEXT NOT NULL,
    fetched_ms BIGINT NOT NULL,
    PRIMARY KEY (provider, kind, code, language)
) {without_rowid};

-- Receipts whose message is not there yet: they come again for a while.
CREATE TABLE waiting_receipts (
    id BIGINT NOT NULL PRIMARY KEY,
    -- ProviderReceipt as JSON.
    receipt TEXT NOT NULL,
    tries BIGINT NOT NULL,
    due_ms BIGINT NOT NULL
);
CREATE INDEX waiting_receipts_by_due ON waiting_receipts (due_ms);

-- What a message cost: units of the provider's price list, and their price in millionths of the currency.
ALTER TABLE messages ADD COLUMN units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN cost_micro BIGINT NOT NULL DEFAULT 0;
