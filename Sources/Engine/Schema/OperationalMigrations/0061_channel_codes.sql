-- Trackable links and QR codes, and the sites they may lead to. Written by ChannelCodes/ only.
CREATE TABLE channel_codes (
    id BIGINT NOT NULL PRIMARY KEY,
    -- What stands in the address: /q/CODE.
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    -- store, staff, poster, media, other
    kind TEXT NOT NULL,
    -- The store, the member of staff, the place: what a report groups by; empty when there is none.
    owner TEXT NOT NULL,
    target TEXT NOT NULL,
    target_host TEXT NOT NULL,
    campaign_source TEXT NOT NULL,
    campaign_medium TEXT NOT NULL,
    campaign_name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    archived_ms BIGINT
);
CREATE UNIQUE INDEX channel_codes_by_code ON channel_codes (code);

-- Hosts that a link may lead to; `.example.com` stands for all below it.
CREATE TABLE channel_targets (
    host TEXT NOT NULL PRIMARY KEY,
    created_ms BIGINT NOT NULL
) {without_rowid};
