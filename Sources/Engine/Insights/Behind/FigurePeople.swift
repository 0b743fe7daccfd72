import Storage

/// The people behind the figures of the overview: the conditions of `OverviewQueries`, asking who instead of how many.
struct FigurePeople {
    let analytics: any AnalyticsStore
    let timeZone: String

    private static let limits = QueryLimits(seconds: 60)

    func ids(_ mark: Mark) async throws -> [Int64] {
        try await analytics.query(statement(mark), limits: Self.limits).ints(0)
    }

    private func statement(_ mark: Mark) -> AnalyticsSQL {
        switch mark {
        case .new(let period): seen("day >= \(period.first) AND day <= \(period.last)")
        case .identified(let last): seen("identified = 1 AND identified_day <= \(last) AND day <= \(last)")
        case .active(let period):
            """
            SELECT DISTINCT if(a.winner_id = 0, e.profile_id, a.winner_id) AS person
            FROM (SELECT profile_id FROM events WHERE kind != 'system' AND profile_id != 0
                AND d >= toDate(\(period.firstText)) AND d <= toDate(\(period.lastText)) GROUP BY profile_id) AS e
            ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases FINAL) AS a USING profile_id
            ORDER BY person
            """
        case .buyers(let period): bought(period, "1 = 1")
        case .repeatBuyers(let period): bought(period, "count() > 1")
        case .people(let last): seen("day <= \(last)")
        default: seen("1 = 0")
        }
    }

    private func seen(_ condition: AnalyticsSQL) -> AnalyticsSQL {
        """
        SELECT profile_id FROM (
            SELECT profile_id, identified, toInt64(toDate(first_seen_ts, \(timeZone))) AS day,
                toInt64(toDate(identified_ts, \(timeZone))) AS identified_day
            FROM profiles FINAL WHERE is_deleted = 0)
        WHERE \(condition) ORDER BY profile_id
        """
    }

    private func bought(_ period: ReportPeriod, _ condition: AnalyticsSQL) -> AnalyticsSQL {
        """
        SELECT profile_id FROM \(OrderFacts.source)
        WHERE \(OrderFacts.condition) AND d <= toDate(\(period.lastText))
        GROUP BY profile_id HAVING countIf(d >= toDate(\(period.firstText))) > 0 AND \(condition) ORDER BY profile_id
        """
    }
}
