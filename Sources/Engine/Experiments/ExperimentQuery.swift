import Science
import Storage

/// One metric of one comparison, as analytics SQL: a row a person with what they did from the moment they met their variant.
///
/// A window is open at its beginning and closed at its end: what happened at the very moment of the meeting led to it, or
/// was its occasion, and is what was there before. So is what the log had held before the meeting, whatever time a fast
/// clock gave it: the event that let somebody in is never what came of it.
///
/// Meetings and facts are put together by person (`UNION ALL`, then one `GROUP BY`), so that nothing is joined across shards.
/// Sums of money are whole; sums of squares, which only spread is made of, are doubles.
struct ExperimentQuery: Sendable {
    let cohort: ExperimentCohort
    let metric: ExperimentMetric
    let clock: CriteriaClock
    /// Days before exposure whose value explains a part; 0: none.
    let preDays: Int64
    /// Only people whose window is over.
    var onlyClosed = false

    static let limits = QueryLimits(seconds: 30, memoryBytes: 4_000_000_000)
    private static let day = Timestamp.millisecondsPerDay
    /// Later than every meeting; of rows that are none.
    private static let never: Int64 = 9_000_000_000_000_000

    /// One variant of one group.
    struct Row: Sendable, Equatable {
        var group: String
        var variant: String
        var people: Int64
        /// With more than nothing.
        var converted: Int64
        var moments: SampleMoments
        /// Whose window is not over.
        var open: Int64
    }

    /// Everybody by group and variant. People who met more than one are left out. Throws: `StorageError`.
    func rows(_ analytics: any AnalyticsStore) async throws -> [Row] {
        let table = try await analytics.query(
            """
            SELECT grouping, variant, toInt64(count()), toInt64(countIf(value > 0)), toInt64(sum(value)),
                sum(toFloat64(value) * toFloat64(value)), toInt64(sum(other)),
                sum(toFloat64(other) * toFloat64(other)), sum(toFloat64(value) * toFloat64(other)),
                toInt64(countIf(x > \(clock.now.milliseconds - metric.windowDays * Self.day)))
            FROM (\(people)) WHERE kinds = 1 AND place >= 0 GROUP BY grouping, variant ORDER BY grouping, variant
            """, limits: Self.limits)
        let (groups, variants) = (try table.strings(0), try table.strings(1))
        let (counts, converted, sums) = (try table.ints(2), try table.ints(3), try table.ints(4))
        let (squares, others) = (try table.doubles(5), try table.ints(6))
        let (otherSquares, products) = (try table.doubles(7), try table.doubles(8))
        let open = try table.ints(9)
        return groups.indices.map { row in
            Row(
                group: groups[row], variant: variants[row], people: counts[row], converted: converted[row],
                moments: SampleMoments(
                    count: Double(counts[row]), sum: Double(sums[row]), squares: squares[row],
                    otherSum: Double(others[row]), otherSquares: otherSquares[row], products: products[row]),
                open: open[row])
        }
    }

    /// People who met more than one variant, which happens when two turn out to be one. Throws: `StorageError`.
    static func crossed(_ cohort: ExperimentCohort, _ analytics: any AnalyticsStore) async throws -> Int64 {
        try await analytics.query(
            """
            SELECT count() FROM (SELECT pid, uniqExact(variant) AS kinds FROM (\(cohort.rows)) GROUP BY pid)
            WHERE kinds > 1
            """, limits: limits
        ).ints(0).first ?? 0
    }

    /// How many met each variant. Throws: `StorageError`.
    static func exposed(
        _ cohort: ExperimentCohort, _ analytics: any AnalyticsStore
    ) async throws -> [String: Int64] {
        let table = try await analytics.query(
            """
            SELECT met, toInt64(count()) FROM (SELECT pid, min(variant) AS met, uniqExact(variant) AS kinds
                FROM (\(cohort.rows)) GROUP BY pid) WHERE kinds = 1 GROUP BY met ORDER BY met
            """, limits: limits)
        return Dictionary(zip(try table.strings(0), try table.ints(1)), uniquingKeysWith: +)
    }

    /// The ids of one variant's people, or of those of them with more than nothing. Throws: `StorageError`.
    func ids(
        variant: String, group: String?, onlyConverted: Bool, _ analytics: any AnalyticsStore
    ) async throws -> [Int64] {
        let grouped: AnalyticsSQL = group.map { "AND grouping = \($0)" } ?? ""
        let converted: AnalyticsSQL = onlyConverted ? "AND value > 0" : ""
        // `x` and `place` are asked for because an old server drops what is not, and then misses it inside the measure.
        return try await analytics.query(
            """
            SELECT pid FROM (\(people)) WHERE kinds = 1 AND x > 0 AND place >= 0 AND variant = \(variant) \(grouped) \(converted)
            ORDER BY pid
            """, limits: Self.limits
        ).ints(0)
    }

    // MARK: Statements

    /// One row a person: `pid`, `variant`, `grouping`, `kinds`, `x` (when they met it), `place` (where the log says so; 0: it
    /// does not), `value`, `other`. No alias has the name of a column that it is made of: an old server takes one for the
    /// other.
    private var people: AnalyticsSQL {
        let complete: AnalyticsSQL =
            metric.kind == .retention || onlyClosed
            ? "WHERE x <= \(clock.now.milliseconds - metric.windowDays * Self.day)" : ""
        return """
            SELECT person AS pid, variant, grouping, kinds, x, place, \(value) AS value, \(other) AS other FROM (
                SELECT person, argMin(met, since_at) AS variant, argMin(kind_of, since_at) AS grouping,
                    min(since_at) AS x, argMin(told_at, since_at) AS place,
                    uniqExactIf(met, since_at < \(Self.never)) AS kinds,
                    groupArrayIf(moment_at, moment_at != 0) AS moments, groupArrayIf(amount_of, moment_at != 0) AS amounts,
                    groupArrayIf(told_at, moment_at != 0) AS places, groupArrayIf(heard_at, moment_at != 0) AS hearings
                FROM (
                    SELECT toInt64(pid) AS person, toInt64(shown) AS since_at, toString(variant) AS met,
                        toString(grouping) AS kind_of, materialize(toInt64(0)) AS moment_at,
                        materialize(toInt64(0)) AS amount_of, toInt64(told) AS told_at,
                        materialize(toInt64(0)) AS heard_at
                    FROM (\(cohort.rows))
                    UNION ALL
                    SELECT toInt64(pid) AS person, materialize(toInt64(\(Self.never))) AS since_at,
                        materialize('') AS met, materialize('') AS kind_of, toInt64(moment) AS moment_at,
                        toInt64(amount) AS amount_of, toInt64(told) AS told_at, toInt64(heard) AS heard_at
                    FROM (\(facts))
                ) GROUP BY person HAVING x < \(Self.never)
            ) \(complete)
            """
    }

    /// After `from` days up to the end of `to`. What the log held before the meeting, and had heard by then, is none of it.
    private func within(_ from: Int64, _ to: Int64, _ taken: String) -> AnalyticsSQL {
        """
        arraySum(arrayMap((t, v, p, h) -> if(t > x + \(from * Self.day) AND t <= x + \(to * Self.day)
            AND (t <= x OR p >= place OR h > x), \(raw: taken), toInt64(0)), moments, amounts, places, hearings))
        """
    }

    private func measured(_ from: Int64, _ to: Int64) -> AnalyticsSQL {
        switch metric.kind {
        case .converted, .retention: "least(\(within(from, to, "toInt64(1)")), toInt64(1))"
        case .count: within(from, to, "toInt64(1)")
        case .revenue, .orderValue: within(from, to, "v")
        }
    }

    private var value: AnalyticsSQL {
        measured(metric.kind == .retention ? metric.fromDay : 0, metric.windowDays)
    }

    /// Of a ratio the orders; else what was there before.
    private var other: AnalyticsSQL {
        if metric.kind == .orderValue { return within(0, metric.windowDays, "toInt64(1)") }
        return preDays > 0 ? measured(-preDays, 0) : "toInt64(0)"
    }

    /// `pid`, `moment`, `amount` of what counts, by whoever; `told`, its place in the log, and `heard`, the second it was
    /// received in. Orders know no place: they are as of their newest version.
    private var facts: AnalyticsSQL {
        let first = cohort.since.adding(days: -Int(preDays) - 2)
        let from = LocalCalendar.text(ofDay: max(first.seconds / 86_400, 0))
        switch metric.kind {
        case .revenue, .orderValue:
            return """
                SELECT profile_id AS pid, toInt64(toUnixTimestamp(ts)) * 1000 AS moment, net AS amount,
                    materialize(toInt64(\(Self.never))) AS told, materialize(toInt64(\(Self.never))) AS heard
                FROM orders AS o FINAL WHERE \(OrderFacts.ofPeople) AND d >= toDate(\(from))
                """
        case .converted, .count, .retention:
            let condition = metric.event?.sql(clock) ?? ReportEvents.acts
            return """
                SELECT if(b.winner_id = 0, f.profile_id, b.winner_id) AS pid, moment, amount, told, heard FROM (
                    SELECT profile_id, ts_ms AS moment, toInt64(1) AS amount, toInt64(position) AS told,
                        toInt64(toUnixTimestamp(received_ts)) * 1000 AS heard FROM events
                    WHERE profile_id != 0 AND d >= toDate(\(from)) AND \(condition)
                ) AS f ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases AS y FINAL) AS b USING profile_id
                """
        }
    }
}
