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
        for row in try connection.query(moved(start, end)) {
            let key = Key(from: try row.textOrNil(0), to: try row.textOrNil(1))
            counts[key, default: 0] += try row.int(2)
        }
        for row in try connection.query(unmoved(start, end)) {
            let stage = try row.textOrNil(1)
            let key = Key(from: try row.bool(0) ? nil : stage, to: stage)
            counts[key, default: 0] += try row.int(2)
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

    /// Changes after the start, by person: the first tells where they stood at the start, the last one up to the end
    /// where they stand at the end.
    private static func moved(_ start: Timestamp, _ end: Timestamp) -> SQL {
        """
        SELECT CASE WHEN p.first_seen_ms > \(start.milliseconds) THEN NULL ELSE f.from_stage END,
            COALESCE(l.to_stage, f.from_stage, 'introduction'), count(*)
        FROM (
            SELECT profile_id, min(at_ms) AS first_ms,
                max(CASE WHEN at_ms <= \(end.milliseconds) THEN at_ms END) AS last_ms
            FROM stage_history WHERE at_ms > \(start.milliseconds) GROUP BY profile_id
        ) c
        JOIN profiles p ON p.id = c.profile_id AND p.merged_into IS NULL AND p.deleted_ms IS NULL
            AND p.first_seen_ms <= \(end.milliseconds)
        JOIN stage_history f ON f.profile_id = c.profile_id AND f.at_ms = c.first_ms
        LEFT JOIN stage_history l ON l.profile_id = c.profile_id AND l.at_ms = c.last_ms
        GROUP BY 1, 2
        """
    }

    /// People without a change since the start, by present stage; first column: whether they came after the start.
    private static func unmoved(_ start: Timestamp, _ end: Timestamp) -> SQL {
        """
        SELECT CASE WHEN p.first_seen_ms > \(start.milliseconds) THEN 1 ELSE 0 END, p.stage, count(*)
        FROM profiles p
        WHERE p.stage IS NOT NULL AND p.merged_into IS NULL AND p.deleted_ms IS NULL
            AND p.first_seen_ms <= \(end.milliseconds)
            AND NOT EXISTS (SELECT 1 FROM stage_history h
                WHERE h.profile_id = p.id AND h.at_ms > \(start.milliseconds))
        GROUP BY 1, 2
        """
    }
}

extension StageFlow.Flow {
    /// Breaks ties in a fixed way.
    fileprivate var order: String { (from?.rawValue ?? "") + ">" + to.rawValue }
}
