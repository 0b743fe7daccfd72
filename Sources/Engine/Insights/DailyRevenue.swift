import Storage

/// Orders and net revenue by day, beside the days before. docs/metrics.md defines both.
package struct DailyRevenue: Sendable, Equatable {
    package var period: ReportPeriod
    /// One entry a day of the period, days without anything included.
    package var days: [Day]
    package var before: [Day]

    package struct Day: Sendable, Equatable {
        package var day: String
        package var orders: Int64 = 0
        /// Minor units of the workspace's currency.
        package var revenue: Int64 = 0
    }

    package static func total(_ days: [Day]) -> (orders: Int64, revenue: Int64) {
        days.reduce((0, 0)) { ($0.0 + $1.orders, $0.1 + $1.revenue) }
    }

    /// One query over both periods of the analytics store. Throws: `StorageError`.
    package static func load(_ period: ReportPeriod, _ platform: Platform) async throws -> DailyRevenue {
        let before = period.before
        let table = try await platform.analytics.query(
            """
            SELECT toInt64(d) AS day, toInt64(count()), sum(net) FROM \(OrderFacts.source)
            WHERE \(OrderFacts.condition) AND d >= toDate(\(before.firstText)) AND d <= toDate(\(period.lastText))
            GROUP BY day ORDER BY day
            """, limits: QueryLimits(seconds: seconds))
        let (days, counts, sums) = (try table.ints(0), try table.ints(1), try table.ints(2))
        var byDay: [Int64: (orders: Int64, revenue: Int64)] = [:]
        for row in days.indices { byDay[days[row]] = (counts[row], sums[row]) }
        func entries(_ period: ReportPeriod) -> [Day] {
            (period.first...period.last).map { day in
                let found = byDay[day] ?? (0, 0)
                return Day(day: LocalCalendar.text(ofDay: day), orders: found.orders, revenue: found.revenue)
            }
        }
        return DailyRevenue(period: period, days: entries(period), before: entries(before))
    }

    private static let seconds = 20
}
