import Storage

/// One order that was placed and kept.
package struct CriteriaOrder: Sendable {
    package var ms: Int64
    /// Minor units of the workspace's currency; 0 of an order in another one.
    package var net: Int64
    package var quantity: Int64
    package var lines: [Line]

    /// Texts are folded as values are.
    package struct Line: Sendable, Equatable {
        package var product = ""
        package var sku = ""
        package var name = ""
        package var category = ""
        package var brand = ""
        /// Minor units of the order's currency, as ordered.
        package var amount: Int64 = 0
        package var quantity: Int64 = 0

        package init() {}
    }

    package init(ms: Int64, net: Int64, quantity: Int64, lines: [Line]) {
        self.ms = ms
        self.net = net
        self.quantity = quantity
        self.lines = lines
    }

    /// Lines kept of one order.
    private static let linesLimit = 200

    static func lines(of state: OrderState, currency: String) -> [Line] {
        let digits = CurrencyScale.digits(currency)
        return (state.fields.lines ?? []).prefix(linesLimit).map { line in
            var own = Line()
            own.product = CriteriaValue.folded(line.productID ?? "")
            own.sku = CriteriaValue.folded(line.sku ?? "")
            own.name = CriteriaValue.folded(line.name ?? "")
            own.category = CriteriaValue.folded(line.category ?? "")
            own.brand = CriteriaValue.folded(line.brand ?? "")
            own.amount = line.total?.minorUnits(digits: digits) ?? 0
            own.quantity = (line.quantity ?? DecimalAmount(1)).minorUnits(digits: 0)
            return own
        }
    }

    /// The orders of these people, by person. Throws: `StorageError`, `JSONError`.
    static func load(
        of profileIDs: [Int64], currency: String, _ connection: any SQLConnection
    ) throws -> [Int64: [CriteriaOrder]] {
        guard !profileIDs.isEmpty else { return [:] }
        let answers = try connection.queryMany(
            """
            SELECT ordered_ms, net_workspace, quantity, currency, state FROM orders
            WHERE profile_id = ? AND status IN ('completed', 'partially_refunded')
            """, profileIDs.map { [.integer($0)] })
        var orders: [Int64: [CriteriaOrder]] = [:]
        for (id, rows) in zip(profileIDs, answers) where !rows.isEmpty {
            orders[id] = try rows.map { row in
                try CriteriaOrder(
                    ms: row.int(0), net: row.int(1), quantity: row.int(2),
                    lines: lines(of: OrderState(parsing: row.text(4)), currency: row.text(3)))
            }
        }
        return orders
    }
}
