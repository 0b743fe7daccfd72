-- The ledger of points. Amounts are integers in the smallest part of their currency. Written by Points/.
CREATE TABLE points_currencies (
    code TEXT NOT NULL PRIMARY KEY,
    -- PointsCurrency as JSON.
    definition TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);

CREATE TABLE points_accounts (
    id BIGINT NOT NULL PRIMARY KEY,
    -- The member's; 0 once the person was erased.
    profile_id BIGINT NOT NULL,
    -- What is printed on the card: 16 digits, the last a check digit (ISO/IEC 7812-1, Luhn).
    number TEXT NOT NULL,
    opened_ms BIGINT NOT NULL,
    -- Of the last transaction; zeros before the first.
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    last_ms BIGINT NOT NULL,
    lots_opened BIGINT NOT NULL,
    -- When time has something to do next.
    due_ms BIGINT,
    closed_ms BIGINT
);
CREATE UNIQUE INDEX points_accounts_by_profile ON points_accounts (profile_id) WHERE profile_id <> 0;
CREATE UNIQUE INDEX points_accounts_by_number ON points_accounts (number);
CREATE INDEX points_accounts_by_due ON points_accounts (due_ms) WHERE due_ms IS NOT NULL;

CREATE TABLE points_balances (
    account_id BIGINT NOT NULL,
    currency TEXT NOT NULL,
    pending BIGINT NOT NULL,
    available BIGINT NOT NULL,
    held BIGINT NOT NULL,
    -- At most 0.
    owed BIGINT NOT NULL,
    -- Awarded in all, less what was taken back.
    earned BIGINT NOT NULL,
    inactive_ms BIGINT,
    noticed_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, currency)
) {without_rowid};

CREATE TABLE points_lots (
    account_id BIGINT NOT NULL,
    lot BIGINT NOT NULL,
    currency TEXT NOT NULL,
    -- Of the award; empty once the points moved to another account.
    lot_key TEXT NOT NULL,
    amount BIGINT NOT NULL,
    earned_ms BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    available_ms BIGINT,
    waits_for TEXT NOT NULL,
    expires_ms BIGINT,
    remaining BIGINT NOT NULL,
    held BIGINT NOT NULL,
    reversed BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (account_id, lot)
) {without_rowid};
CREATE INDEX points_lots_by_key ON points_lots (lot_key) WHERE lot_key <> '';
CREATE INDEX points_lots_by_event ON points_lots (waits_for) WHERE waits_for <> '' AND remaining > 0;
CREATE INDEX points_lots_by_expiry ON points_lots (currency, expires_ms) WHERE remaining > 0;

CREATE TABLE points_holds (
    hold_key TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    captured BIGINT NOT NULL,
    -- JSON: what is still held, by lot.
    shares TEXT NOT NULL,
    until_ms BIGINT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX points_holds_by_account ON points_holds (account_id, state);

CREATE TABLE points_redemptions (
    redemption_key TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- JSON: spent and given back, by lot.
    shares TEXT NOT NULL
);
CREATE INDEX points_redemptions_by_account ON points_redemptions (account_id);

-- Append-only. Kept for ever.
CREATE TABLE points_transactions (
    account_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    -- What it stands for; NULL for what time brings about.
    transaction_key TEXT,
    -- SHA-256 of the command, so that a key cannot stand for two.
    request_hash TEXT,
    kind TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    currency TEXT NOT NULL,
    -- What the member gained or lost.
    change BIGINT NOT NULL,
    -- The text that is hashed: PointsTransaction as JSON.
    document TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (account_id, sequence)
) {without_rowid};
CREATE UNIQUE INDEX points_transactions_by_key ON points_transactions (transaction_key)
    WHERE transaction_key IS NOT NULL;
CREATE INDEX points_transactions_by_time ON points_transactions (at_ms, account_id, sequence);

-- The lines of the transactions, for sums.
CREATE TABLE points_entries (
    account_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    line BIGINT NOT NULL,
    ledger TEXT NOT NULL,
    currency TEXT NOT NULL,
    lot BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, sequence, line)
) {without_rowid};

-- One hash a day over the statements that changed in it and the head of the day before: kept elsewhere, it proves that
-- nothing was rewritten since.
CREATE TABLE points_heads (
    day BIGINT NOT NULL PRIMARY KEY,
    head TEXT NOT NULL,
    accounts BIGINT NOT NULL,
    transactions BIGINT NOT NULL,
    made_ms BIGINT NOT NULL
);

-- Accounts that a merge of people moved, so that undoing it finds the way back.
CREATE TABLE points_merges (
    merge_id BIGINT NOT NULL PRIMARY KEY,
    -- The account of the one who stays, and of the other; the same where it only changed hands.
    winner_account BIGINT NOT NULL,
    loser_account BIGINT NOT NULL,
    loser_id BIGINT NOT NULL,
    undone_ms BIGINT
);
