-- One row an order, whatever the order in which its events arrived. Written by Orders/.
CREATE TABLE orders (
    order_id TEXT NOT NULL PRIMARY KEY,
    profile_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    -- pending (a refund came before its order), completed, partially_refunded, refunded, cancelled
    status TEXT NOT NULL,
    ordered_ms BIGINT NOT NULL,
    currency TEXT NOT NULL,
    -- Minor units: what was charged for products after discount, what was given back, and the difference.
    gross BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    net BIGINT NOT NULL,
    -- net in the workspace currency: 0 and flagged in the state when the order's currency is another.
    net_workspace BIGINT NOT NULL,
    line_count BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    store TEXT,
    channel TEXT,
    updated_ms BIGINT NOT NULL,
    -- The log position that changed it last, for the archiver.
    position BIGINT NOT NULL,
    -- Lines, refunds by key, the newest update time: one compact JSON document (OrderState).
    state TEXT NOT NULL
);
CREATE INDEX orders_by_profile ON orders (profile_id, ordered_ms, order_id);
CREATE INDEX orders_by_time ON orders (ordered_ms, order_id);
CREATE INDEX orders_by_position ON orders (position);
