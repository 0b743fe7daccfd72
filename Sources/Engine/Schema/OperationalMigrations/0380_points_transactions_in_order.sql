-- Transactions lie in the order in which they were written, in SQLite too: kept by account, each wrote a page of its own
-- and split it every few times, and a batch of awards as many pages as accounts. Written by Points/.
CREATE TABLE points_transactions_in_order (
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
);
INSERT INTO points_transactions_in_order (account_id, sequence, transaction_key, request_hash, kind, at_ms, currency, change,
    document, hash)
SELECT account_id, sequence, transaction_key, request_hash, kind, at_ms, currency, change, document, hash
FROM points_transactions ORDER BY at_ms, account_id, sequence;
DROP TABLE points_transactions;
ALTER TABLE points_transactions_in_order RENAME TO points_transactions;
CREATE UNIQUE INDEX points_transactions_by_key ON points_transactions (transaction_key)
    WHERE transaction_key IS NOT NULL;
CREATE INDEX points_transactions_by_time ON points_transactions (at_ms, account_id, sequence);
