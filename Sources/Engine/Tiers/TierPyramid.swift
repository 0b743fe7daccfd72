import Storage

/// How many members each tier has, and who came and went.
package struct TierPyramid: Sendable, Equatable {
    package struct Level: Sendable, Equatable {
        package var tier: String
        package var members: Int64
        /// Whose tier was given by hand.
        package var granted: Int64
        /// In the span: came up into it, came down into it, went up from it, went down from it.
        package var roseTo: Int64
        package var fellTo: Int64
        package var roseFrom: Int64
        package var fellFrom: Int64
    }

    /// The lowest first.
    package var levels: [Level]
    /// Members who are not placed yet.
    package var waiting: Int64
    package var members: Int64

    /// With moves between two moments. Throws: `StorageError`.
    package static func load(
        _ ladder: TierLadder, from start: Timestamp, to end: Timestamp, _ connection: any SQLConnection
    ) throws -> TierPyramid {
        var levels = Dictionary(
            uniqueKeysWithValues: ladder.tiers.map {
                (
                    $0.code,
                    Level(
                        tier: $0.code, members: 0, granted: 0, roseTo: 0, fellTo: 0, roseFrom: 0, fellFrom: 0)
                )
            })
        let counts = try connection.query(
            """
            SELECT tier, count(*), sum(CASE WHEN tier <> earned THEN 1 ELSE 0 END) FROM tier_members
            WHERE profile_id <> 0 GROUP BY tier
            """)
        for row in counts {
            levels[try row.text(0)]?.members = try row.int(1)
            levels[try row.text(0)]?.granted = try row.int(2)
        }
        let moves = try connection.query(
            """
            SELECT from_tier, to_tier, is_up, count(*) FROM tier_history WHERE at_ms >= \(start.milliseconds)
            AND at_ms < \(end.milliseconds) AND from_tier IS NOT NULL AND from_tier <> to_tier
            GROUP BY from_tier, to_tier, is_up
            """)
        for row in moves {
            let (from, to, count) = (try row.text(0), try row.text(1), try row.int(3))
            if try row.bool(2) {
                levels[from]?.roseFrom += count
                levels[to]?.roseTo += count
            } else {
                levels[from]?.fellFrom += count
                levels[to]?.fellTo += count
            }
        }
        let members =
            try connection.first(
                "SELECT count(*) FROM points_accounts WHERE profile_id <> 0 AND closed_ms IS NULL")?.int(0) ?? 0
        let placed = levels.values.reduce(0) { $0 + $1.members }
        return TierPyramid(
            levels: ladder.tiers.compactMap { levels[$0.code] }, waiting: max(members - placed, 0), members: members)
    }

    /// Who has a tier, the newest in it first. Throws: `StorageError`.
    package static func members(
        of tier: String, limit: Int, _ connection: any SQLConnection
    ) throws -> [(member: Int64, profile: Int64, since: Timestamp)] {
        try connection.query(
            """
            SELECT member_id, profile_id, since_ms FROM tier_members WHERE tier = \(tier) AND profile_id <> 0
            ORDER BY since_ms DESC, member_id DESC LIMIT \(limit)
            """
        ).map { (try $0.int(0), try $0.int(1), Timestamp(milliseconds: try $0.int(2))) }
    }
}
