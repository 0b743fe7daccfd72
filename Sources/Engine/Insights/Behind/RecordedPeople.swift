import Science
import Storage

/// The people behind marks that the operational store counts.
enum RecordedPeople {
    /// Living people only, each once, by ascending id.
    static func statement(_ mark: Mark, now: Timestamp) -> SQL {
        switch mark {
        case .firstSeen(let range):
            // The index is that of the last sight, which is never before the first.
            """
            SELECT id FROM profiles WHERE last_seen_ms >= \(range.lowerBound.milliseconds)
            AND first_seen_ms >= \(range.lowerBound.milliseconds) AND first_seen_ms < \(range.upperBound.milliseconds)
            AND \(living) ORDER BY id
            """
        case .ordered(let range):
            people(
                """
                SELECT profile_id FROM orders WHERE ordered_ms >= \(range.lowerBound.milliseconds)
                AND ordered_ms < \(range.upperBound.milliseconds) AND status IN ('completed', 'partially_refunded')
                """)
        case .merged(let since):
            people("SELECT winner_id FROM profile_merges WHERE at_ms >= \(since.milliseconds)")
        case .conflicts(let since):
            people("SELECT profile_id FROM identity_conflicts WHERE at_ms >= \(since.milliseconds)")
        case .stage(let stage, nil):
            "SELECT id FROM profiles WHERE stage = \(stage.rawValue) AND \(living) ORDER BY id"
        case .stage(let stage, .some(let moment)):
            placed(moment, now, "from_stage = \(stage.rawValue)")
        case .moved(.some(let from), let to, let since, let until):
            placed(since, until, "from_stage = \(from.rawValue) AND to_stage = \(to.rawValue)")
        case .moved(nil, let to, let since, let until):
            placed(since, until, "from_stage IS NOT NULL AND to_stage = \(to.rawValue)")
        case .model(let version, let from, let to):
            people(
                """
                SELECT profile_id FROM stage_history WHERE cause = 'model' AND model_version = \(version)
                AND to_stage = \(to.rawValue) AND COALESCE(from_stage, '') = \(from?.rawValue ?? "")
                """)
        default: "SELECT id FROM profiles WHERE 1 = 0"
        }
    }

    private static let living: SQL = "merged_into IS NULL AND deleted_ms IS NULL"

    private static func people(_ ids: SQL) -> SQL {
        "SELECT id FROM profiles WHERE id IN (\(ids)) AND \(living) ORDER BY id"
    }

    private static func placed(_ start: Timestamp, _ end: Timestamp, _ condition: SQL) -> SQL {
        """
        SELECT id FROM (\(StageFlow.moved(start, end)) UNION ALL \(StageFlow.unmoved(start, end))) AS placed
        WHERE \(condition) ORDER BY id
        """
    }
}
