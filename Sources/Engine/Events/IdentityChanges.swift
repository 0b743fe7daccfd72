import Storage

/// What the system events of one archived range say about who is who: merges, their undoing, erasures.
struct IdentityChanges {
    private(set) var profiles: [Int64] = []
    private(set) var ordersLeftBehind: [OrderLeftBehind] = []
    private(set) var erased: [Int64] = []
    private var aliasRows: [(profile: Int64, winner: Int64, position: Int64)] = []

    mutating func note(_ event: ArchivedEvent) {
    }

    /// Rows for `profile_aliases`: whose events belong to whom from now on (winner 0: to itself again).
    func aliases() -> AnalyticsBlock {
        AnalyticsBlock(
            table: "profile_aliases",
            columns: [
                ("profile_id", .uint64(aliasRows.map { UInt64($0.profile) })),
                ("ver", .uint64(aliasRows.map { UInt64($0.position) })),
                ("winner_id", .uint64(aliasRows.map { UInt64($0.winner) })),
            ])
    }
}
