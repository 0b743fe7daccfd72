import Science
import Storage

/// What became of the points of each month of issue, by months of age.
package struct LiabilityCohorts: Sendable, Equatable {
    package struct Cohort: Sendable, Equatable {
        /// `2026-11`.
        package var month: String
        /// Given in that month: earned, brought along, by hand.
        package var issued: Int64
        /// By age, each a sum since the issue: what was redeemed (with donations and fees), lapsed, taken back, and what
        /// was outstanding at the end of that month.
        package var redeemed: [Int64]
        package var lapsed: [Int64]
        package var takenBack: [Int64]
        package var outstanding: [Int64]
        /// The last age is still under way.
        package var isOpen: Bool
    }

    package var cohorts: [Cohort]

    /// Months of issue that are looked at.
    package static let monthsMax = 36

    /// The oldest first. Throws: `StorageError`.
    package static func load(
        _ currency: String, at now: Timestamp, months: Int = monthsMax, _ connection: any SQLConnection
    ) throws -> LiabilityCohorts {
        let calendar = try Workspace.load(connection).calendar
        let last = LocalMonth.number(of: now, calendar)
        let first = last - Int64(min(months, monthsMax)) + 1
        var flows: [Int64: [Int64: Flow]] = [:]
        let sums: SQL = """
            WITH \(raw: table("issue", first...last, calendar)), \(raw: table("moved", first...last, calendar))
            SELECT issue.m, moved.m, e.ledger, CAST(sum(CASE WHEN e.amount > 0 THEN e.amount ELSE 0 END) AS BIGINT),
                CAST(sum(CASE WHEN e.amount < 0 THEN e.amount ELSE 0 END) AS BIGINT)
            FROM points_entries e
            JOIN points_lots l ON l.account_id = e.account_id AND l.lot = e.lot
            JOIN issue ON l.earned_ms >= issue.a AND l.earned_ms < issue.b
            JOIN moved ON e.at_ms >= moved.a AND e.at_ms < moved.b
            WHERE e.currency = \(currency) AND e.lot <> 0
            GROUP BY issue.m, moved.m, e.ledger
            """
        for row in try connection.query(sums) {
            guard let ledger = Ledger(rawValue: try row.text(2)) else { continue }
            flows[try row.int(0), default: [:]][try row.int(1), default: Flow()].add(
                ledger, credit: try row.int(3), debit: try row.int(4))
        }
        return LiabilityCohorts(
            cohorts: flows.keys.sorted().map { month in cohort(month, through: last, flows[month] ?? [:]) })
    }

    /// What is outstanding now, by age and months left, for the forecast; `later`: as if it lapsed so many months later.
    /// `accounts`: only of these. Throws: `StorageError`.
    static func lots(
        _ currency: PointsCurrency, at now: Timestamp, accounts: [Int64]? = nil, later: Int = 0,
        _ connection: any SQLConnection
    ) throws -> [BreakageForecast.Lot] {
        let calendar = try Workspace.load(connection).calendar
        let last = LocalMonth.number(of: now, calendar)
        let first = last - Int64(monthsMax) + 1
        var condition: SQL = ""
        if let accounts { condition = " AND l.account_id IN (\(list: accounts))" }
        let query: SQL = """
            WITH \(raw: table("issue", first...last, calendar))
            SELECT issue.m, l.expires_ms, CAST(sum(l.remaining + l.held) AS BIGINT) FROM points_lots l
            LEFT JOIN issue ON l.earned_ms >= issue.a AND l.earned_ms < issue.b
            WHERE l.currency = \(currency.code) AND (l.remaining > 0 OR l.held > 0)\(condition)
            GROUP BY issue.m, l.expires_ms
            """
        var sums: [Key: Int64] = [:]
        try connection.forEach(query, batch: batchRows) { rows in
            for row in rows {
                let age = Int(last - (try row.intOrNil(0) ?? first))
                let left = try row.intOrNil(1).map { expiry in
                    max(
                        0,
                        Int(LocalMonth.number(of: Timestamp(milliseconds: expiry - 1), calendar) - last) + 1) + later
                }
                sums[Key(age: age, left: left ?? months(currency)), default: 0] += try row.int(2)
            }
        }
        return sums.sorted { ($0.key.age, $0.key.left ?? .max) < ($1.key.age, $1.key.left ?? .max) }.map {
            BreakageForecast.Lot(ageMonths: $0.key.age, monthsLeft: $0.key.left, amount: Double($0.value))
        }
    }

    /// Cohorts as the forecast wants them: months that are over.
    var history: [BreakageForecast.Cohort] {
        cohorts.map { cohort in
            let ages = cohort.outstanding.count - (cohort.isOpen ? 1 : 0)
            let before = [cohort.issued] + cohort.outstanding
            return BreakageForecast.Cohort(
                outstanding: (0..<max(0, ages)).map { Double(before[$0]) },
                redeemed: (0..<max(0, ages)).map { age in
                    Double(cohort.redeemed[age] - (age == 0 ? 0 : cohort.redeemed[age - 1]))
                })
        }.filter { !$0.outstanding.isEmpty }
    }

    // MARK: -

    private struct Key: Hashable {
        var age: Int
        var left: Int?
    }

    /// What moved in one month of points of one month.
    private struct Flow {
        var issued: Int64 = 0
        var redeemed: Int64 = 0
        var lapsed: Int64 = 0
        var takenBack: Int64 = 0
        var outstanding: Int64 = 0

        mutating func add(_ ledger: Ledger, credit: Int64, debit: Int64) {
            switch ledger {
            case .issued, .opening, .adjusted:
                issued -= debit
                takenBack += credit
            case .redeemed, .donated, .fees: redeemed += credit + debit
            case .expired, .breakage: lapsed += credit + debit
            case .pending, .available, .held: outstanding += credit + debit
            // What is owed is no lot's; what went to another member is in the other's lot, of the same month.
            case .owed, .transferred: break
            }
        }
    }

    private static func cohort(_ month: Int64, through last: Int64, _ flows: [Int64: Flow]) -> Cohort {
        var cohort = Cohort(
            month: LocalMonth.text(month), issued: flows.values.reduce(0) { $0 + $1.issued }, redeemed: [],
            lapsed: [], takenBack: [], outstanding: [], isOpen: true)
        var sum = Flow()
        for moved in month...last {
            let flow = flows[moved] ?? Flow()
            sum.redeemed += flow.redeemed
            sum.lapsed += flow.lapsed
            sum.takenBack += flow.takenBack
            sum.outstanding += flow.outstanding
            cohort.redeemed.append(sum.redeemed)
            cohort.lapsed.append(sum.lapsed)
            cohort.takenBack.append(sum.takenBack)
            cohort.outstanding.append(sum.outstanding)
        }
        return cohort
    }

    /// `name (m, a, b) AS (VALUES (24322, 1790…, 1793…), …)`: number, first moment and the first after it.
    private static func table(_ name: String, _ months: ClosedRange<Int64>, _ calendar: LocalCalendar) -> String {
        let rows = months.map { number in
            let start = LocalMonth.start(number, calendar).milliseconds
            let end = LocalMonth.start(number + 1, calendar).milliseconds
            return "(CAST(\(number) AS BIGINT), CAST(\(start) AS BIGINT), CAST(\(end) AS BIGINT))"
        }
        return "\(name) (m, a, b) AS (VALUES \(rows.joined(separator: ", ")))"
    }

    /// What has no last day of its own lapses, at the earliest, when its member stays away.
    private static func months(_ currency: PointsCurrency) -> Int? {
        guard case .inactivity(let months) = currency.expiry else { return nil }
        return months
    }

    private static let batchRows = 1_000
}

/// What of the outstanding points will never be redeemed.
package enum LiabilityForecast {
    /// Throws: `StorageError`.
    package static func make(
        _ currency: PointsCurrency, _ cohorts: LiabilityCohorts, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> BreakageForecast {
        BreakageForecast(cohorts.history, try LiabilityCohorts.lots(currency, at: now, connection))
    }
}
