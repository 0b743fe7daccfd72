import Science
import Storage

/// How many people moved from which stage to which between two moments, by the recorded history.
package struct StageFlow: Sendable, Codable, Equatable {
    package var from: Timestamp
    package var to: Timestamp
    /// People by their stage at the start and at the end, those who stayed included. Largest first.
    package var flows: [Flow]

    package struct Flow: Sendable, Codable, Equatable {
        /// nil: first seen after the start.
        package var from: LifecycleStage?
        package var to: LifecycleStage
        package var people: Int64
    }

    /// Counts people who are living profiles today. Looks only at changes after the start: whoever has none since then
    /// stands where they stood. Throws: `StorageError`.
    package static func between(
        _ start: Timestamp, _ end: Timestamp, _ connection: any SQLConnection
    ) throws -> StageFlow {
        var counts: [Key: Int64] = [:]
        for placed in [moved(start, end), unmoved(start, end)] {
            let sums: SQL = """
                SELECT from_stage, to_stage, count(*) FROM (\(placed)) AS placed GROUP BY from_stage, to_stage
                """
            for row in try connection.query(sums) {
                counts[Key(from: try row.textOrNil(0), to: try row.textOrNil(1)), default: 0] += try row.int(2)
            }
        }
        let flows = counts.compactMap { key, people -> Flow? in
            guard let to = key.to.flatMap(LifecycleStage.init(rawValue:)), people > 0 else { return nil }
            return Flow(from: key.from.flatMap(LifecycleStage.init(rawValue:)), to: to, people: people)
        }
        return StageFlow(
            from: start, to: end, flows: flows.sorted { ($1.people, $0.order) < ($0.people, $1.order) })
    }

    private struct Key: Hashable {
        var from: String?
        var to: String?
    }

    /// One row a person who changed after the start: the first change tells where they stood at the start, the last one
    /// up to the end where they stand at the end. `from_stage` is NULL for who came after the start.
    static func moved(_ start: Timestamp, _ end: Timestamp) -> SQL {
        """
        SELECT p.id AS id,
            CASE WHEN p.first_seen_ms > \(start.milliseconds) THEN NULL ELSE f.from_stage END AS from_stage,
            COALESCE(l.to_stage, f.from_stage, 'introduction') AS to_stage
        FROM (
            SELECT profile_id, min(at_ms) AS first_ms,
                max(CASE WHEN at_ms <= \(end.milliseconds) THEN at_ms END) AS last_ms
            FROM stage_history WHERE at_ms > \(start.milliseconds) GROUP BY profile_id
        ) c
        JOIN profiles p ON p.id = c.profile_id AND p.merged_into IS NULL AND p.deleted_ms IS NULL
            AND p.first_seen_ms <= \(end.milliseconds)
        JOIN stage_history f ON f.profile_id = c.profile_id AND f.at_ms = c.first_ms
        LEFT JOIN stage_history l ON l.profile_id = c.profile_id AND l.at_ms = c.last_ms
        """
    }

    /// One row a person without a change since the start: where they stand now is where they stood.
    static func unmoved(_ start: Timestamp, _ end: Timestamp) -> SQL {
        """
        SELECT p.id AS id, CASE WHEN p.first_seen_ms > \(start.milliseconds) THEN NULL ELSE p.stage END AS from_stage,
            p.stage AS to_stage
        FROM profiles p
        WHERE p.stage IS NOT NULL AND p.merged_into IS NULL AND p.deleted_ms IS NULL
            AND p.first_seen_ms <= \(end.milliseconds)
            AND NOT EXISTS (SELECT 1 FROM stage_history h
                WHERE h.profile_id = p.id AND h.at_ms > \(start.milliseconds))
        """
    }
}

// MARK: Moves with what they are worth

extension StageFlow {
    /// People whose stage at the end is another than at the start, with what they spent lately.
    package struct Move: Sendable, Codable, Equatable {
        package var from: LifecycleStage
        package var to: LifecycleStage
        package var people: Int64
        /// Net spend of these people since a moment, in minor units.
        package var spend: Int64
    }

    /// Who changed between two moments, most people first; spend counts from `spentSince`. Throws: `StorageError`.
    package static func moves(
        _ start: Timestamp, _ end: Timestamp, spentSince: Timestamp, _ connection: any SQLConnection
    ) throws -> [Move] {
        try connection.query(
            """
            SELECT m.from_stage, m.to_stage, count(DISTINCT m.id), COALESCE(sum(o.net_workspace), 0)
            FROM (\(moved(start, end))) AS m
            LEFT JOIN orders o ON o.profile_id = m.id AND o.ordered_ms >= \(spentSince.milliseconds)
                AND o.ordered_ms <= \(end.milliseconds) AND o.status IN ('completed', 'partially_refunded')
            WHERE m.from_stage IS NOT NULL AND m.from_stage <> m.to_stage
            GROUP BY m.from_stage, m.to_stage ORDER BY 3 DESC, m.from_stage, m.to_stage
            """
        ).compactMap { row in
            guard let from = LifecycleStage(rawValue: try row.text(0)),
                let to = LifecycleStage(rawValue: try row.text(1))
            else { return nil }
            return Move(from: from, to: to, people: try row.int(2), spend: try row.int(3))
        }
    }
}

extension StageFlow.Flow {
    /// Breaks ties in a fixed way.
    fileprivate var order: String { (from?.rawValue ?? "") + ">" + to.rawValue }
}
