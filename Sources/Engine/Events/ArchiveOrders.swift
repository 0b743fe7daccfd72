import Storage

/// The orders of the analytics store: the present row of each order that changed in a range, and a deleted row where an
/// order left a person by a merge.
enum ArchiveOrders {
    private static let columns = """
        order_id, profile_id, position, status, ordered_ms, currency, gross, refunded, net_workspace, quantity, \
        line_count, store, channel, source_id, state
        """

    static func block(
        _ range: ArchiveRange, leftBehind: [OrderLeftBehind], _ calendar: LocalCalendar,
        _ connection: any SQLConnection
    ) throws -> AnalyticsBlock {
        var rows = try connection.query(
            """
            SELECT \(raw: columns) FROM orders \
            WHERE position > \(range.lowerBound) AND position <= \(range.upperBound) ORDER BY position, order_id
            """
        ).map { (try ArchivedOrder($0), false) }
        for left in leftBehind {
            let current = try connection.first(
                "SELECT \(raw: columns) FROM orders WHERE order_id = \(left.orderID)")
            guard var order = try current.map(ArchivedOrder.init), order.profileID != left.profileID else { continue }
            order.profileID = left.profileID
            order.position = left.position
            rows.append((order, true))
        }
        return block(rows, calendar)
    }

    private static func block(_ rows: [(ArchivedOrder, isDeleted: Bool)], _ calendar: LocalCalendar) -> AnalyticsBlock {
        let orders = rows.map(\.0)
        func texts(_ text: (CriteriaOrder.Line) -> String) -> AnalyticsColumn {
            .strings(orders.map { $0.items.map(text) })
        }
        var days = ArchiveDays(calendar: calendar)
        return AnalyticsBlock(
            table: "orders",
            columns: [
                ("profile_id", .uint64(orders.map { UInt64($0.profileID) })),
                ("order_key", .uint64(orders.map { Digest.key64($0.orderID) })),
                ("ver", .uint64(orders.map { UInt64($0.position) })),
                ("order_id", .string(orders.map(\.orderID))), ("status", .string(orders.map(\.status))),
                ("ts", .uint32(orders.map { $0.ordered.archived })),
                ("d", .uint16(orders.map { days.day(of: $0.ordered) })),
                ("currency", .string(orders.map(\.currency))), ("gross", .int64(orders.map(\.gross))),
                ("refunded", .int64(orders.map(\.refunded))), ("net", .int64(orders.map(\.net))),
                ("quantity", .int64(orders.map(\.quantity))),
                ("lines", .uint32(orders.map { UInt32(clamping: $0.lines) })),
                ("store", .string(orders.map(\.store))), ("channel", .string(orders.map(\.channel))),
                ("source_id", .uint64(orders.map { UInt64($0.sourceID) })),
                ("is_deleted", .uint8(rows.map { $0.isDeleted ? 1 : 0 })),
                ("line_products", texts(\.product)), ("line_skus", texts(\.sku)), ("line_names", texts(\.name)),
                ("line_categories", texts(\.category)), ("line_brands", texts(\.brand)),
                ("line_amounts", .int64s(orders.map { $0.items.map(\.amount) })),
                ("line_quantities", .int64s(orders.map { $0.items.map(\.quantity) })),
            ])
    }
}

/// An order that a merge or its undoing took from a profile.
struct OrderLeftBehind: Equatable {
    var orderID: String
    /// Whom it left.
    var profileID: Int64
    /// The event that took it.
    var position: Int64
}

private struct ArchivedOrder {
    var orderID: String
    var profileID: Int64
    var position: Int64
    var status: String
    var ordered: Timestamp
    var currency: String
    var gross: Int64
    var refunded: Int64
    var net: Int64
    var quantity: Int64
    var lines: Int64
    var store: String
    var channel: String
    var sourceID: Int64
    var items: [CriteriaOrder.Line]

    init(_ row: SQLRow) throws {
        orderID = try row.text(0)
        profileID = try row.int(1)
        position = try row.int(2)
        status = try row.text(3)
        ordered = Timestamp(milliseconds: try row.int(4))
        currency = try row.text(5)
        gross = try row.int(6)
        refunded = try row.int(7)
        net = try row.int(8)
        quantity = try row.int(9)
        lines = try row.int(10)
        store = try row.textOrNil(11) ?? ""
        channel = try row.textOrNil(12) ?? ""
        sourceID = try row.int(13)
        items = CriteriaOrder.lines(of: try OrderState(parsing: row.text(14)), currency: currency)
    }
}
