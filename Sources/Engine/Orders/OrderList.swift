import Storage

/// One order in a list or on a page, in figures.
package struct OrderRow: Sendable, Equatable {
    package var orderID: String
    /// 0: nobody's (a person who was erased).
    package var profileID: Int64
    package var sourceID: Int64
    package var status: OrderStatus
    package var orderedMS: Int64
    package var currency: String
    package var gross: Int64
    package var refunded: Int64
    package var net: Int64
    /// 0 for an order in another currency than the workspace's, which does not count in spend.
    package var netWorkspace: Int64
    package var lineCount: Int64
    package var quantity: Int64
    package var store: String?
    package var channel: String?
    package var updatedMS: Int64

    static let columns = """
        order_id, profile_id, source_id, status, ordered_ms, currency, gross, refunded, net, net_workspace, \
        line_count, quantity, store, channel, updated_ms
        """

    init(_ row: SQLRow) throws {
        orderID = try row.text(0)
        profileID = try row.int(1)
        sourceID = try row.int(2)
        guard let status = OrderStatus(rawValue: try row.text(3)) else {
            throw StorageError.unexpectedValue(column: 3, expected: "an order status", found: try row.text(3))
        }
        self.status = status
        orderedMS = try row.int(4)
        currency = try row.text(5)
        gross = try row.int(6)
        refunded = try row.int(7)
        net = try row.int(8)
        netWorkspace = try row.int(9)
        lineCount = try row.int(10)
        quantity = try row.int(11)
        store = try row.textOrNil(12)
        channel = try row.textOrNil(13)
        updatedMS = try row.int(14)
    }
}

/// A page of orders, newest first: of everybody or of one person, in a range of time.
package struct OrderList: Sendable, Equatable {
    package var orders: [OrderRow]
    package var nextCursor: String?

    package static let pageLimit = 200
    private static let scannedRows = 10_000

    /// One person's orders. Throws: as `load`.
    package static func load(
        profileID: Int64, cursor: String? = nil, limit: Int = 50, _ connection: any SQLConnection
    ) throws -> OrderList {
        try load(OrderFilter(profileID: profileID), cursor: cursor, limit: limit, connection)
    }

    /// Throws: `OrderError.badCursor`, `ProfileError.notFound`.
    package static func load(
        _ filter: OrderFilter = OrderFilter(), cursor: String? = nil, limit: Int = 50, _ connection: any SQLConnection
    ) throws -> OrderList {
        let limit = min(max(limit, 1), pageLimit)
        var condition: SQL = "1 = 1"
        if let profileID = filter.profileID {
            condition += " AND profile_id = \(try ProfileDetail.resolve(profileID, connection))"
        }
        // One bound on either side: of two a planner takes one, and scans on where the other has ruled everything out.
        let first = filter.ordered.map { Place(ms: $0.lowerBound.milliseconds, orderID: "") }
        var end = filter.ordered.map { Place(ms: $0.upperBound.milliseconds, orderID: "") }
        if let cursor {
            let place = try Place(cursor)
            end = end.map { min($0, place) } ?? place
        }
        if let end { condition += " AND (ordered_ms, order_id) < (\(end.ms), \(end.orderID))" }
        let from: SQL = first.map { " AND (ordered_ms, order_id) >= (\($0.ms), \($0.orderID))" } ?? ""
        let bound = try connection.first(
            """
            SELECT ordered_ms, order_id FROM orders WHERE \(condition)\(from)
            ORDER BY ordered_ms DESC, order_id DESC LIMIT 1 OFFSET \(scannedRows - 1)
            """
        ).map { Place(ms: try $0.int(0), orderID: try $0.text(1)) }
        condition += bound.map { " AND (ordered_ms, order_id) >= (\($0.ms), \($0.orderID))" } ?? from
        if let status = filter.status { condition += " AND status = \(status.rawValue)" }
        if let source = filter.sourceID { condition += " AND source_id = \(source)" }
        if let net = filter.net { condition += " AND net >= \(net.lowerBound) AND net < \(net.upperBound)" }
        let orders = try connection.query(
            """
            SELECT \(raw: OrderRow.columns) FROM orders WHERE \(condition)
            ORDER BY ordered_ms DESC, order_id DESC LIMIT \(limit + 1)
            """
        ).map(OrderRow.init)
        if orders.count > limit {
            let page = Array(orders.prefix(limit))
            return OrderList(
                orders: page, nextCursor: page.last.map { Place(ms: $0.orderedMS, orderID: $0.orderID).text })
        }
        return OrderList(orders: orders, nextCursor: bound?.text)
    }

    private struct Place: Comparable {
        var ms: Int64
        var orderID: String

        /// As the stores compare text: by its bytes.
        static func < (left: Place, right: Place) -> Bool {
            left.ms != right.ms ? left.ms < right.ms : left.orderID.utf8.lexicographicallyPrecedes(right.orderID.utf8)
        }

        init(ms: Int64, orderID: String) {
            self.ms = ms
            self.orderID = orderID
        }

        init(_ cursor: String) throws {
            let parts = cursor.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let ms = Int64(parts[0]) else { throw OrderError.badCursor }
            self.init(ms: ms, orderID: String(parts[1]))
        }

        var text: String { "\(ms).\(orderID)" }
    }
}

/// What can be wrong with what is asked of orders.
package enum OrderError: Error, Sendable, Equatable {
    case notFound(String)
    case badCursor
}
