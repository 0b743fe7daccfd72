import Science
import Storage

/// How many people stood in every stage at several moments, by the recorded history.
package struct StageTrend: Sendable, Codable, Equatable {
    package struct Point: Sendable, Codable, Equatable {
        /// The day that ends at `at`, or today so far.
        package var day: Int64
        package var at: Timestamp
        /// In the order of the stages.
        package var people: [Int64]
    }

    package var points: [Point]

    /// Points that one trend has at the most; longer periods take every second, third … day.
    package static let pointsMax = 62
    /// Moments lie on whole steps of a day in every time zone's clock.
    private static let stepMS: Int64 = 900_000
}

extension StageTrend {
    /// The ends of the period's days up to now. Starts from where everybody stands now and walks the changes back, so
    /// that its cost is that of the changes, not of the people. Counts people who are living profiles today.
    /// Throws: `StorageError`.
    package static func make(
        _ period: ReportPeriod, now: Timestamp, _ connection: any SQLConnection
    ) throws -> StageTrend {
        let calendar = try Workspace.load(connection).calendar
        let last = min(period.last, calendar.day(of: now))
        guard period.first <= last else { return StageTrend(points: []) }
        let days = self.days(first: period.first, last: last)
        let moments = days.map { min(calendar.start(ofDay: $0 + 1).adding(milliseconds: -1), now) }
        var counts = try present(connection)
        // Newest first: what happened after a moment is taken back.
        var past = try changes(after: moments[0], connection).sorted { $0.bucket > $1.bucket }[...]
        let base = moments[0].milliseconds + 1
        var points: [Point] = []
        for (day, moment) in zip(days, moments).reversed() {
            while let change = past.first, base + change.bucket * stepMS > moment.milliseconds {
                if let to = change.to { counts[to, default: 0] -= change.people }
                if let from = change.from { counts[from, default: 0] += change.people }
                past = past.dropFirst()
            }
            points.append(
                Point(day: day, at: moment, people: LifecycleStage.allCases.map { counts[$0.rawValue] ?? 0 }))
        }
        return StageTrend(points: points.reversed())
    }

    /// The last day and every n-th before it.
    private static func days(first: Int64, last: Int64) -> [Int64] {
        let stride = max(1, (last - first) / Int64(pointsMax - 1) + 1)
        return Swift.stride(from: last, through: first, by: -Int(stride)).reversed()
    }

    private static func present(_ connection: any SQLConnection) throws -> [String: Int64] {
        let rows = try connection.query(
            """
            SELECT stage, count(*) FROM profiles
            WHERE stage IS NOT NULL AND merged_into IS NULL AND deleted_ms IS NULL GROUP BY stage
            """)
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text(0), try $0.int(1)) })
    }

    private struct Change {
        /// Steps after the first moment.
        var bucket: Int64
        var from: String?
        var to: String?
        var people: Int64
    }

    /// Moves after somebody was first seen, and arrivals: from nowhere to the stage that somebody began in.
    private static func changes(after start: Timestamp, _ connection: any SQLConnection) throws -> [Change] {
        let base = start.milliseconds + 1
        let moves = try connection.query(
            """
            SELECT (h.at_ms - \(base)) / \(stepMS) AS bucket, h.from_stage, h.to_stage, count(*)
            FROM stage_history h
            JOIN profiles p ON p.id = h.profile_id AND p.merged_into IS NULL AND p.deleted_ms IS NULL
            WHERE h.at_ms >= \(base) AND h.at_ms > p.first_seen_ms GROUP BY bucket, h.from_stage, h.to_stage
            """
        ).map {
            Change(bucket: try $0.int(0), from: try $0.textOrNil(1), to: try $0.textOrNil(2), people: try $0.int(3))
        }
        let arrivals = try connection.query(
            """
            SELECT bucket, began, count(*) FROM (
                SELECT (p.first_seen_ms - \(base)) / \(stepMS) AS bucket,
                    CASE WHEN EXISTS (SELECT 1 FROM stage_history h
                            WHERE h.profile_id = p.id AND h.at_ms > p.first_seen_ms)
                        THEN (SELECT h.from_stage FROM stage_history h
                            WHERE h.profile_id = p.id AND h.at_ms > p.first_seen_ms ORDER BY h.at_ms LIMIT 1)
                        ELSE p.stage END AS began
                FROM profiles p WHERE p.last_seen_ms >= \(base) AND p.first_seen_ms >= \(base)
                    AND p.merged_into IS NULL AND p.deleted_ms IS NULL
            ) AS arrived GROUP BY bucket, began
            """
        ).map { Change(bucket: try $0.int(0), from: nil, to: try $0.textOrNil(1), people: try $0.int(2)) }
        return moves + arrivals
    }
}
