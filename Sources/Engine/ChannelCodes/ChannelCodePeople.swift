import Storage

/// The people behind a figure of a channel code, of the report by code or of one day of it.
package struct ChannelCodePeople: Sendable, Equatable {
    /// What they did.
    package enum What: String, Sendable, CaseIterable {
        /// Came by the code in any way.
        case came
        case scanned
        /// Began a visit on a page with the code.
        case visited
        /// Were brought by it first in the period, and are known.
        case identified
        /// Were brought by it first in the period, and ordered from then on.
        case ordered
    }

    package var code: String
    package var what: What
    package var period: ReportPeriod
    /// Only what they did on this day of the period; who is identified has none.
    package var day: Int64?

    package init(_ code: String, _ what: What, _ period: ReportPeriod, day: Int64? = nil) {
        self.code = code
        self.what = what
        self.period = period
        self.day = day
    }

    /// Each once, by ascending id. Throws: `StorageError`.
    func ids(_ analytics: any AnalyticsStore) async throws -> [Int64] {
        try await analytics.query(statement, limits: ChannelCodeQuery.limits).ints(0)
    }

    private var statement: AnalyticsSQL {
        let query = ChannelCodeQuery(period: period)
        switch what {
        case .came: return came(query, "1 = 1")
        case .scanned: return came(query, "name = \(ChannelCodeQuery.scanned)")
        case .visited: return came(query, "name = \(ChannelCodeQuery.visited)")
        case .identified:
            return """
                SELECT toInt64(person) AS id FROM (SELECT person, origin FROM (\(query.origins))) AS v
                ANY LEFT JOIN (SELECT profile_id AS person, identified FROM profiles FINAL WHERE is_deleted = 0) AS p
                    USING person
                WHERE origin = \(code) AND identified = 1 ORDER BY id
                """
        case .ordered:
            return """
                SELECT toInt64(person) AS id FROM (
                    SELECT person, any(origin) AS via, toInt64(countIf(o.ts >= first AND \(on("o.on_day")))) AS orders_n
                    FROM (\(query.origins)) AS v LEFT JOIN (\(query.orders)) AS o USING person GROUP BY person)
                WHERE via = \(code) AND orders_n > 0 ORDER BY id
                """
        }
    }

    private func came(_ query: ChannelCodeQuery, _ condition: AnalyticsSQL) -> AnalyticsSQL {
        """
        SELECT DISTINCT toInt64(person) AS id FROM (\(query.visits))
        WHERE code = \(code) AND \(condition) AND \(on("on_day")) ORDER BY id
        """
    }

    private func on(_ column: String) -> AnalyticsSQL {
        day.map { "\(raw: column) = \($0)" } ?? "1 = 1"
    }
}
