import Storage

/// What came by each code in a period: scans, people, and what they bought from then on.
package struct ChannelCodeReport: Sendable {
    package struct Row: Sendable, Codable, Equatable {
        package var code: String
        package var scans: Int64
        /// Sessions on pages that began with the code.
        package var sessions: Int64
        package var people: Int64
        package var identified: Int64
        package var orders: Int64
        /// Net, in minor units of the workspace's currency.
        package var revenue: Int64
    }

    package var rows: [Row]

    /// What came by one code; zeros when nothing did.
    package func row(of code: String) -> Row {
        rows.first { $0.code == code }
            ?? Row(code: code, scans: 0, sessions: 0, people: 0, identified: 0, orders: 0, revenue: 0)
    }

    private static let codesMax: Int64 = 10_000

    /// Each person's orders belong to the code that brought them first in the period. Throws: `StorageError`.
    package static func load(_ period: ReportPeriod, _ analytics: any AnalyticsStore) async throws -> ChannelCodeReport
    {
        let query = ChannelCodeQuery(period: period)
        let counts = try await analytics.query(
            """
            SELECT code, toInt64(countIf(name = \(ChannelCodeQuery.scanned))) AS scans,
                toInt64(countIf(name = \(ChannelCodeQuery.visited))), toInt64(uniqExact(person))
            FROM (\(query.visits)) GROUP BY code ORDER BY scans DESC, code LIMIT \(codesMax)
            """, limits: ChannelCodeQuery.limits)
        let bought = try await analytics.query(
            """
            SELECT via, toInt64(uniqExactIf(person, identified = 1)), toInt64(sum(orders_n)), sum(value)
            FROM (SELECT person, any(origin) AS via, toInt64(countIf(o.ts >= first)) AS orders_n,
                    sumIf(o.net, o.ts >= first) AS value
                FROM (\(query.origins)) AS v LEFT JOIN (\(query.orders)) AS o USING person
                GROUP BY person) AS b
            ANY LEFT JOIN (SELECT profile_id AS person, identified FROM profiles FINAL WHERE is_deleted = 0) AS p
                USING person
            GROUP BY via
            """, limits: ChannelCodeQuery.limits)
        let (boughtCodes, identified) = (try bought.strings(0), try bought.ints(1))
        let (orders, values) = (try bought.ints(2), try bought.ints(3))
        let places = Dictionary(uniqueKeysWithValues: boughtCodes.enumerated().map { ($0.element, $0.offset) })
        let (codes, scans, sessions, people) = (
            try counts.strings(0), try counts.ints(1), try counts.ints(2), try counts.ints(3)
        )
        return ChannelCodeReport(
            rows: codes.indices.map { index in
                let place = places[codes[index]]
                return Row(
                    code: codes[index], scans: scans[index], sessions: sessions[index], people: people[index],
                    identified: place.map { identified[$0] } ?? 0, orders: place.map { orders[$0] } ?? 0,
                    revenue: place.map { values[$0] } ?? 0)
            })
    }
}
