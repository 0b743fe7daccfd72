-- Orders that tills committed, kept for ever: a repeat is answered as the first time. Written by Till/.
CREATE TABLE till_orders (
    -- Natural key: the order id.
    order_key TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of what was asked, so that an order cannot stand for two.
    request_hash TEXT NOT NULL,
    -- TillBill as JSON: what returns are reckoned from.
    bill TEXT NOT NULL,
    -- The answer as JSON.
    receipt TEXT NOT NULL,
    actor TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- What came back of them.
CREATE TABLE till_returns (
    order_key TEXT NOT NULL,
    return_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    is_cancellation BIGINT NOT NULL,
    -- Pieces by line, as JSON.
    pieces TEXT NOT NULL,
    receipt TEXT NOT NULL,
    actor TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (order_key, return_key)
);
