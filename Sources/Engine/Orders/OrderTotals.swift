import Storage

/// What a person's orders add up to, as `profiles` shows it.
///
/// An order counts while it is completed or partially refunded (`OrderStatus.counts`), also with an amount of zero;
/// spend is net of returns, in the workspace's currency.
package struct OrderTotals: Sendable, Equatable {
    package var count: Int64
    package var netSpend: Int64
    package var firstMS: Int64?
    package var lastMS: Int64?

    static func load(of profileIDs: [Int64], _ connection: any SQLConnection) throws -> [OrderTotals] {
        guard !profileIDs.isEmpty else { return [] }
        return try connection.queryMany(
            """
            SELECT count(*), CAST(coalesce(sum(net_workspace), 0) AS BIGINT), min(ordered_ms), max(ordered_ms)
            FROM orders WHERE profile_id = ? AND status IN ('completed', 'partially_refunded')
            """, profileIDs.map { [.integer($0)] }
        ).map { rows in
            guard let row = rows.first else { return OrderTotals(count: 0, netSpend: 0) }
            return try OrderTotals(
                count: row.int(0), netSpend: row.int(1), firstMS: row.intOrNil(2), lastMS: row.intOrNil(3))
        }
    }
}
