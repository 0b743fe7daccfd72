import Storage

/// What the brand owes its members in points: how much, until when, and what will come of it.
///
/// Invariants: read-only but for what is asked for by name (`DormantPoints`); what is outstanding here is what the
/// members' ledgers add up to in the trial balance; every row of the accounting file balances.
package struct Liability: Sendable, Equatable {
    /// What lapses in one month of the workspace.
    package struct Month: Sendable, Equatable {
        /// `2026-11`; nil: what does not lapse by itself.
        package var month: String?
        package var pending: Int64 = 0
        package var available: Int64 = 0
        package var held: Int64 = 0

        package var total: Int64 { pending + available + held }
    }

    /// What lapses within so many days.
    package struct Soon: Sendable, Equatable {
        package var days: Int
        package var amount: Int64
        package var members: Int64
    }

    package var currency: PointsCurrency
    package var pending: Int64 = 0
    package var available: Int64 = 0
    package var held: Int64 = 0
    /// At most 0: what members owe.
    package var owed: Int64 = 0
    package var members: Int64 = 0
    /// The first to lapse first.
    package var months: [Month] = []
    package var soon: [Soon] = []

    /// What the brand owes: what members have, less what they owe.
    package var outstanding: Int64 { pending + available + held + owed }

    /// In minor units of the workspace's currency; nil: nobody said what points are worth.
    package func worth(_ amount: Int64) -> Int64? {
        guard let value = currency.valuePerThousand else { return nil }
        var thousand: Double = 1_000
        for _ in 0..<currency.scale { thousand *= 10 }
        return Int64((Double(amount) * Double(value) / thousand).rounded())
    }

    package static let soonDays = [7, 30, 90]

    /// Throws: `PointsError.unknownCurrency`, `StorageError`.
    package static func load(
        _ code: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Liability {
        guard let currency = try PointsCurrencies.stored(code, connection)?.currency else {
            throw PointsError.unknownCurrency(code)
        }
        let calendar = try Workspace.load(connection).calendar
        var liability = Liability(currency: currency)
        let sums = try connection.first(
            """
            SELECT CAST(coalesce(sum(pending), 0) AS BIGINT), CAST(coalesce(sum(available), 0) AS BIGINT),
                CAST(coalesce(sum(held), 0) AS BIGINT), CAST(coalesce(sum(owed), 0) AS BIGINT), count(*)
            FROM points_balances WHERE currency = \(code)
            AND (pending <> 0 OR available <> 0 OR held <> 0 OR owed <> 0)
            """)
        if let sums {
            (liability.pending, liability.available, liability.held) = (
                try sums.int(0), try sums.int(1), try sums.int(2)
            )
            (liability.owed, liability.members) = (try sums.int(3), try sums.int(4))
        }
        liability.months = try months(currency, calendar, connection)
        liability.soon = try soonDays.map { try soon($0, currency, at: now, connection) }
        return liability
    }

    private static func months(
        _ currency: PointsCurrency, _ calendar: LocalCalendar, _ connection: any SQLConnection
    ) throws -> [Month] {
        var months: [String: Month] = [:]
        func add(_ lapse: Int64?, _ change: (inout Month) -> Void) {
            // A lapse is the first moment without: it belongs to the month of its last day.
            let month = lapse.map { LocalMonth.text(of: Timestamp(milliseconds: $0 - 1), calendar) }
            change(&months[month ?? "", default: Month(month: month)])
        }
        let lots: SQL = """
            SELECT expires_ms, pending, CAST(sum(remaining) AS BIGINT), CAST(sum(held) AS BIGINT) FROM points_lots
            WHERE currency = \(currency.code) AND (remaining > 0 OR held > 0) GROUP BY expires_ms, pending
            """
        var endless: Int64 = 0
        try connection.forEach(lots, batch: batchRows) { rows in
            for row in rows {
                let (expiry, isPending) = (try row.intOrNil(0), try row.bool(1))
                let (remaining, held) = (try row.int(2), try row.int(3))
                if expiry == nil, !isPending { endless += remaining }
                add(expiry) { month in
                    if isPending { month.pending += remaining } else { month.available += remaining }
                    month.held += held
                }
            }
        }
        guard case .inactivity = currency.expiry, endless > 0 else { return sorted(months) }
        // What inactivity ends lapses at the earliest when its member stays away.
        let idle: SQL = """
            SELECT inactive_ms, CAST(sum(available) AS BIGINT) FROM points_balances
            WHERE currency = \(currency.code) AND available > 0 AND inactive_ms IS NOT NULL GROUP BY inactive_ms
            """
        try connection.forEach(idle, batch: batchRows) { rows in
            for row in rows {
                let amount = min(endless, try row.int(1))
                endless -= amount
                add(nil) { $0.available -= amount }
                add(try row.int(0)) { $0.available += amount }
            }
        }
        return sorted(months).filter { $0.total > 0 }
    }

    private static func sorted(_ months: [String: Month]) -> [Month] {
        months.values.sorted { ($0.month ?? "~") < ($1.month ?? "~") }
    }

    private static func soon(
        _ days: Int, _ currency: PointsCurrency, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Soon {
        let end = now.adding(days: days).milliseconds
        let row = try connection.first(
            """
            SELECT CAST(coalesce(sum(remaining), 0) AS BIGINT), count(DISTINCT account_id) FROM points_lots
            WHERE currency = \(currency.code) AND remaining > 0 AND expires_ms > \(now.milliseconds)
            AND expires_ms <= \(end)
            """)
        return Soon(days: days, amount: try row?.int(0) ?? 0, members: try row?.int(1) ?? 0)
    }

    private static let batchRows = 1_000
}

/// Months of the workspace as whole numbers: year × 12 + month − 1.
enum LocalMonth {
    static func number(of moment: Timestamp, _ calendar: LocalCalendar) -> Int64 {
        let (year, month, _) = LocalCalendar.civil(ofDay: calendar.day(of: moment))
        return year * 12 + month - 1
    }

    static func start(_ number: Int64, _ calendar: LocalCalendar) -> Timestamp {
        let year = floorDivide(number, 12)
        let day = Timestamp.day(year: year, month: number - year * 12 + 1, dayOfMonth: 1) ?? 0
        return calendar.start(ofDay: day)
    }

    /// `2026-11`.
    static func text(_ number: Int64) -> String {
        let year = floorDivide(number, 12)
        let month = number - year * 12 + 1
        return "\(year)-\(month < 10 ? "0" : "")\(month)"
    }

    static func text(of moment: Timestamp, _ calendar: LocalCalendar) -> String {
        text(number(of: moment, calendar))
    }
}
