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

    private static let codesMax: Int64 = 10_000
    private static let limits = QueryLimits(seconds: 60)

    /// Each person's orders belong to the code that brought them first in the period. Throws: `StorageError`.
    package static func load(_ period: ReportPeriod, _ analytics: any AnalyticsStore) async throws -> ChannelCodeReport
    {
        let visits: AnalyticsSQL = """
            SELECT if(a.winner_id = 0, e.profile_id, a.winner_id) AS person, e.code AS code, e.name AS name, e.ts AS ts
            FROM (SELECT profile_id, visitParamExtractString(context, 'channelCode') AS code, name, ts FROM events
                WHERE position(context, '"channelCode":"') > 0
                AND profile_id != 0 AND d >= toDate(\(period.firstText)) AND d <= toDate(\(period.lastText))) AS e
            ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases FINAL) AS a USING profile_id
            """
        let counts = try await analytics.query(
            """
            SELECT code, toInt64(countIf(name = 'Channel Code Scanned')) AS scans,
                toInt64(countIf(name = 'Session Started')), toInt64(uniqExact(person))
            FROM (\(visits)) GROUP BY code ORDER BY scans DESC, code LIMIT \(codesMax)
            """, limits: limits)
        let bought = try await analytics.query(
            """
            SELECT via, toInt64(uniqExactIf(person, identified = 1)), toInt64(sum(orders_n)), sum(value)
            FROM (SELECT person, any(origin) AS via, toInt64(countIf(o.ts >= first)) AS orders_n,
                    sumIf(o.net, o.ts >= first) AS value
                FROM (SELECT person, argMin(code, ts) AS origin, min(ts) AS first FROM (\(visits)) GROUP BY person) AS v
                LEFT JOIN (SELECT profile_id AS person, ts, net FROM \(OrderFacts.source) WHERE \(OrderFacts.condition)
                    AND d <= toDate(\(period.lastText))) AS o USING person
                GROUP BY person) AS b
            ANY LEFT JOIN (SELECT profile_id AS person, identified FROM profiles FINAL WHERE is_deleted = 0) AS p
                USING person
            GROUP BY via
            """, limits: limits)
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
