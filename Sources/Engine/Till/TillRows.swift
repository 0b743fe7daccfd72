import Storage

/// Rows of `till_orders` and `till_returns`.
enum TillRows {
    struct Order {
        var request: String
        var bill: TillBill
        var receipt: JSONValue
        var at: Timestamp
    }

    struct Return {
        var key: String
        var request: String
        var isCancellation: Bool
        var pieces: [String: Int64]
        var receipt: JSONValue
    }

    static func order(_ order: String, _ connection: any SQLConnection) throws -> Order? {
        let row = try connection.first(
            "SELECT request_hash, bill, receipt, at_ms FROM till_orders WHERE order_key = \(order)")
        return try row.map { row in
            Order(
                request: try row.text(0), bill: try StoredDocument.value(TillBill.self, from: try row.text(1)),
                receipt: try JSONValue(parsing: try row.text(2)), at: Timestamp(milliseconds: try row.int(3)))
        }
    }

    /// The oldest first.
    static func returns(of order: String, _ connection: any SQLConnection) throws -> [Return] {
        try connection.query(
            """
            SELECT return_key, request_hash, is_cancellation, pieces, receipt FROM till_returns
            WHERE order_key = \(order) ORDER BY at_ms, return_key
            """
        ).map { row in
            Return(
                key: try row.text(0), request: try row.text(1), isCancellation: try row.bool(2),
                pieces: try StoredDocument.value([String: Int64].self, from: try row.text(3)),
                receipt: try JSONValue(parsing: try row.text(4)))
        }
    }

    static func save(
        _ order: String, request: String, _ bill: TillBill, _ receipt: JSONValue, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO till_orders (order_key, request_hash, bill, receipt, actor, at_ms)
            VALUES (\(order), \(request), \(try StoredDocument.text(bill)), \(receipt.text()), \(actor),
                \(now.milliseconds))
            """)
    }

    static func save(
        _ one: Return, of order: String, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO till_returns (order_key, return_key, request_hash, is_cancellation, pieces, receipt, actor,
                at_ms)
            VALUES (\(order), \(one.key), \(one.request), \(one.isCancellation),
                \(try StoredDocument.text(one.pieces)), \(one.receipt.text()), \(actor), \(now.milliseconds))
            """)
    }
}
