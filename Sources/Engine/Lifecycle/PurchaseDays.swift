import Storage

/// The days on which people bought something and kept it.
package enum PurchaseDays {
    /// For every id, its purchase days, ascending and without repeats. An order that was cancelled, wholly returned or
    /// only rumoured is no purchase. Throws: `StorageError`.
    package static func load(
        _ profileIDs: [Int64], _ calendar: LocalCalendar, _ connection: any SQLConnection
    ) throws -> [Int64: [Int64]] {
        guard !profileIDs.isEmpty else { return [:] }
        let answers = try connection.queryMany(
            """
            SELECT ordered_ms FROM orders WHERE profile_id = ? AND status IN ('completed', 'partially_refunded')
            ORDER BY ordered_ms
            """, profileIDs.map { [.integer($0)] })
        var days: [Int64: [Int64]] = [:]
        for (id, rows) in zip(profileIDs, answers) {
            var own: [Int64] = []
            for row in rows {
                let day = calendar.day(of: Timestamp(milliseconds: try row.int(0)))
                if day != own.last { own.append(day) }
            }
            days[id] = own
        }
        return days
    }

    /// How many there are for each of these people. Only who has more than one order is looked up.
    /// Call it after the orders of the transaction are written. Throws: `StorageError`.
    package static func count(
        orderCounts: [Int64: Int64], _ calendar: LocalCalendar, _ connection: any SQLConnection
    ) throws -> [Int64: Int] {
        let repeaters = orderCounts.filter { $0.value > 1 }.keys.sorted()
        let days = try load(repeaters, calendar, connection)
        return Dictionary(
            uniqueKeysWithValues: orderCounts.map { id, orders in (id, days[id]?.count ?? Int(orders)) })
    }
}
