import Storage

/// What came by one code on each day of a period. The orders are those that the report counts for the code.
package struct ChannelCodeDays: Sendable, Equatable {
    package struct Day: Sendable, Equatable {
        /// Days since 1970 of the workspace's calendar.
        package var day: Int64
        package var scans: Int64
        package var sessions: Int64
        package var orders: Int64
        /// Net, in minor units of the workspace's currency.
        package var revenue: Int64
    }

    /// Every day of the period, in order.
    package var days: [Day]

    /// Throws: `StorageError`.
    package static func load(
        _ code: String, _ period: ReportPeriod, _ analytics: any AnalyticsStore
    ) async throws -> ChannelCodeDays {
        let query = ChannelCodeQuery(period: period)
        let came = try await analytics.query(
            """
            SELECT on_day, toInt64(countIf(name = \(ChannelCodeQuery.scanned))),
                toInt64(countIf(name = \(ChannelCodeQuery.visited)))
            FROM (\(query.visits)) WHERE code = \(code) GROUP BY on_day ORDER BY on_day
            """, limits: ChannelCodeQuery.limits)
        let bought = try await analytics.query(
            """
            SELECT ordered, toInt64(count()), sum(value)
            FROM (SELECT o.on_day AS ordered, o.net AS value, o.ts AS placed, first, origin
                FROM (\(query.origins)) AS v INNER JOIN (\(query.orders)) AS o USING person)
            WHERE origin = \(code) AND placed >= first GROUP BY ordered ORDER BY ordered
            """, limits: ChannelCodeQuery.limits)
        var days: [Int64: Day] = [:]
        for (index, day) in try came.ints(0).enumerated() {
            days[day] = Day(
                day: day, scans: try came.ints(1)[index], sessions: try came.ints(2)[index], orders: 0, revenue: 0)
        }
        for (index, day) in try bought.ints(0).enumerated() {
            var one = days[day] ?? Day(day: day, scans: 0, sessions: 0, orders: 0, revenue: 0)
            (one.orders, one.revenue) = (try bought.ints(1)[index], try bought.ints(2)[index])
            days[day] = one
        }
        return ChannelCodeDays(
            days: (period.first...period.last).map {
                days[$0] ?? Day(day: $0, scans: 0, sessions: 0, orders: 0, revenue: 0)
            })
    }
}
