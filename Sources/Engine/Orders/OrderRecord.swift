import Storage

/// One order as a row of `orders`. The figures are computed from the state when it is written.
package struct OrderRecord: Sendable, Equatable {
    package var orderID: String
    package var profileID: Int64
    package var position: Int64
    package var updatedMS: Int64
    package var state: OrderState

    package init(orderID: String, profileID: Int64, position: Int64, updatedMS: Int64, state: OrderState) {
        self.orderID = orderID
        self.profileID = profileID
        self.position = position
        self.updatedMS = updatedMS
        self.state = state
    }
}

/// Reads and writes rows of `orders`.
enum OrderRows {
    /// The orders of the ids, locked until the transaction ends. New ids are left out.
    ///
    /// On PostgreSQL a new id is claimed with an empty row, so that of two processors that meet the same new order
    /// the second waits and then sees what the first made of it. `save` fills that row, `drop` removes it.
    static func load(_ ids: [String], _ connection: any SQLConnection) throws -> [String: OrderRecord] {
        guard !ids.isEmpty else { return [:] }
        var orders: [String: OrderRecord] = [:]
        let missing = try read(ids.sorted(), into: &orders, connection)
        guard connection.dialect == .postgresql, !missing.isEmpty else { return orders }
        let inserted = try connection.executeMany(
            """
            INSERT INTO orders (order_id, profile_id, source_id, status, ordered_ms, currency, gross, refunded, net,
                net_workspace, line_count, quantity, updated_ms, position, state)
            VALUES (?, 0, 0, 'claimed', 0, '', 0, 0, 0, 0, 0, 0, 0, 0, '{}') ON CONFLICT (order_id) DO NOTHING
            """, missing.map { [.text($0)] })
        _ = try read(zip(missing, inserted).filter { $0.1 == 0 }.map(\.0), into: &orders, connection)
        return orders
    }

    /// Removes the rows that only claimed an id.
    static func drop(_ unused: [String], _ connection: any SQLConnection) throws {
        guard connection.dialect == .postgresql, !unused.isEmpty else { return }
        try connection.executeMany(
            "DELETE FROM orders WHERE order_id = ? AND status = 'claimed'", unused.map { [.text($0)] })
    }

    /// Returns the ids without a row.
    private static func read(
        _ ids: [String], into orders: inout [String: OrderRecord], _ connection: any SQLConnection
    ) throws -> [String] {
        guard !ids.isEmpty else { return [] }
        let answers = try connection.queryMany(
            "SELECT profile_id, position, updated_ms, state FROM orders WHERE order_id = ?"
                + connection.dialect.forUpdate,
            ids.map { [.text($0)] })
        var missing: [String] = []
        for (id, rows) in zip(ids, answers) {
            guard let row = rows.first else {
                missing.append(id)
                continue
            }
            orders[id] = try OrderRecord(
                orderID: id, profileID: row.int(0), position: row.int(1), updatedMS: row.int(2),
                state: OrderState(parsing: row.text(3)))
        }
        return missing
    }

    static func save(_ orders: [OrderRecord], currency: String, _ connection: any SQLConnection) throws {
        guard !orders.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO orders (order_id, profile_id, source_id, status, ordered_ms, currency, gross, refunded, net,
                net_workspace, line_count, quantity, store, channel, updated_ms, position, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (order_id) DO UPDATE SET profile_id = excluded.profile_id, source_id = excluded.source_id,
                status = excluded.status, ordered_ms = excluded.ordered_ms, currency = excluded.currency,
                gross = excluded.gross, refunded = excluded.refunded, net = excluded.net,
                net_workspace = excluded.net_workspace, line_count = excluded.line_count,
                quantity = excluded.quantity, store = excluded.store, channel = excluded.channel,
                updated_ms = excluded.updated_ms, position = excluded.position, state = excluded.state
            """,
            orders.map { values($0, currency: currency) })
    }

    private static func values(_ order: OrderRecord, currency: String) -> [SQLValue] {
        let summary = order.state.summary(currency: currency)
        return [
            .text(order.orderID), .integer(order.profileID), .integer(order.state.sourceID ?? 0),
            .text(summary.status.rawValue), .integer(summary.orderedMS), .text(summary.currency),
            .integer(summary.gross), .integer(summary.refunded), .integer(summary.net),
            .integer(summary.netWorkspace), .integer(summary.lineCount), .integer(summary.quantity),
            summary.store.sqlValue, summary.channel.sqlValue, .integer(order.updatedMS), .integer(order.position),
            .text(order.state.text()),
        ]
    }

    /// Where in the log the event stands that last changed an order, once that is known.
    static func place(_ orderID: String, at position: Int64, _ connection: any SQLConnection) throws {
        try connection.execute("UPDATE orders SET position = \(position) WHERE order_id = \(orderID)")
    }

    /// The ids of a profile's orders.
    static func ids(of profileID: Int64, _ connection: any SQLConnection) throws -> [String] {
        try connection.query("SELECT order_id FROM orders WHERE profile_id = \(profileID) ORDER BY order_id")
            .map { try $0.text(0) }
    }

    /// Gives every order of one profile to another; `position` tells the archiver that they changed.
    static func move(
        _ moves: [(from: Int64, to: Int64, position: Int64)], _ connection: any SQLConnection
    ) throws {
        guard !moves.isEmpty else { return }
        try connection.executeMany(
            "UPDATE orders SET profile_id = ?, position = ? WHERE profile_id = ?",
            moves.map { [.integer($0.to), .integer($0.position), .integer($0.from)] })
    }
}
