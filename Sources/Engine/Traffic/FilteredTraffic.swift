import Storage

/// Counts of hits that were not people's: not hidden, and in no figure about people.
///
/// Invariant of this room: a count is only added to, so that several processes may write the same day.
package enum FilteredTraffic {
    /// What is counted together.
    package struct Key: Sendable, Hashable {
        package var sourceID: Int64
        package var reason: TrafficReason
        package var agent: String

        package init(sourceID: Int64, reason: TrafficReason, agent: String) {
            self.sourceID = sourceID
            self.reason = reason
            self.agent = String(agent.prefix(FilteredTraffic.agentCharacters))
        }
    }

    package struct Row: Sendable, Equatable {
        package var reason: TrafficReason
        package var agent: String
        package var hits: Int64
        package var lastAt: Timestamp
    }

    package struct Day: Sendable, Equatable {
        package var day: Int64
        package var reason: TrafficReason
        package var hits: Int64
    }

    static let agentCharacters = 120
    /// Older days are forgotten.
    package static let keptDays: Int64 = 400

    /// Adds hits to the day of `now`. Throws: `StorageError`.
    package static func add(
        _ hits: [Key: Int64], _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let day = try Workspace.load(connection).calendar.day(of: now)
        for (key, count) in hits.sorted(by: { ($0.key.agent, $0.key.sourceID) < ($1.key.agent, $1.key.sourceID) }) {
            try connection.execute(
                """
                INSERT INTO filtered_traffic (day, source_id, reason, agent, hits, last_ms)
                VALUES (\(day), \(key.sourceID), \(key.reason.rawValue), \(key.agent), \(count), \(now.milliseconds))
                ON CONFLICT (day, source_id, reason, agent)
                DO UPDATE SET hits = filtered_traffic.hits + excluded.hits, last_ms = excluded.last_ms
                """)
        }
        try connection.execute("DELETE FROM filtered_traffic WHERE day < \(day - keptDays)")
    }

    /// By reason and agent, the most hits first, over days of the workspace's zone. Throws: `StorageError`.
    package static func rows(
        first: Int64, last: Int64, limit: Int64 = 200, _ connection: any SQLConnection
    ) throws -> [Row] {
        try connection.query(
            """
            SELECT reason, agent, CAST(sum(hits) AS BIGINT), max(last_ms) FROM filtered_traffic
            WHERE day >= \(first) AND day <= \(last) GROUP BY reason, agent ORDER BY 3 DESC, reason, agent LIMIT \(limit)
            """
        ).compactMap { row in
            guard let reason = TrafficReason(rawValue: try row.text(0)) else { return nil }
            return Row(
                reason: reason, agent: try row.text(1), hits: try row.int(2),
                lastAt: Timestamp(milliseconds: try row.int(3)))
        }
    }

    /// By day and reason. Throws: `StorageError`.
    package static func days(first: Int64, last: Int64, _ connection: any SQLConnection) throws -> [Day] {
        try connection.query(
            """
            SELECT day, reason, CAST(sum(hits) AS BIGINT) FROM filtered_traffic
            WHERE day >= \(first) AND day <= \(last) GROUP BY day, reason ORDER BY day, reason
            """
        ).compactMap { row in
            guard let reason = TrafficReason(rawValue: try row.text(1)) else { return nil }
            return Day(day: try row.int(0), reason: reason, hits: try row.int(2))
        }
    }
}
