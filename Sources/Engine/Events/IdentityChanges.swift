import Storage

/// What the system events of one archived range say about who is who: merges, their undoing, erasures.
struct IdentityChanges {
    /// Whose mirror rows changed although no event of theirs may be in the range.
    private(set) var profiles: [Int64] = []
    private(set) var ordersLeftBehind: [OrderLeftBehind] = []
    /// Everyone whom the analytics store has to forget.
    private(set) var erased: [Int64] = []
    private var aliasRows: [(profile: Int64, winner: Int64, position: Int64)] = []

    mutating func note(_ event: ArchivedEvent) throws {
        switch event.name {
        case IdentityEvents.merged: try noteMove(event, from: "loser", to: "winner", isMerge: true)
        case IdentityEvents.unmerged: try noteMove(event, from: "winner", to: "loser", isMerge: false)
        case IdentityEvents.erased:
            let properties = try JSONValue(parsing: event.properties)
            let merged = properties["merged"]?.arrayValue ?? []
            erased += ([properties["profile"]].compactMap { $0 } + merged).compactMap(Self.id)
        default: break
        }
    }

    private mutating func noteMove(
        _ event: ArchivedEvent, from: String, to: String, isMerge: Bool
    ) throws {
        let properties = try JSONValue(parsing: event.properties)
        guard let giver = properties[from].flatMap(Self.id), let taker = properties[to].flatMap(Self.id) else { return }
        profiles += [giver, taker]
        aliasRows.append((isMerge ? giver : taker, isMerge ? taker : 0, event.position))
        for order in properties["orders"]?.arrayValue ?? [] {
            guard let orderID = order.stringValue else { continue }
            ordersLeftBehind.append(OrderLeftBehind(orderID: orderID, profileID: giver, position: event.position))
        }
    }

    /// Rows for `profile_aliases`: whose events belong to whom from now on (winner 0: to itself again).
    ///
    /// Ids that were merged into a loser earlier follow it, so that an alias always names the last winner.
    func aliases(_ connection: any SQLConnection) throws -> AnalyticsBlock {
        var rows = aliasRows
        for row in aliasRows where row.winner != 0 {
            for earlier in try Self.mergedInto(row.profile, connection) {
                rows.append((earlier, row.winner, row.position))
            }
        }
        return AnalyticsBlock(
            table: "profile_aliases",
            columns: [
                ("profile_id", .uint64(rows.map { UInt64($0.profile) })),
                ("ver", .uint64(rows.map { UInt64($0.position) })),
                ("winner_id", .uint64(rows.map { UInt64($0.winner) })),
            ])
    }

    private static let chainLimit = 10_000

    /// Everyone who was merged into a profile, also by way of others.
    private static func mergedInto(_ profileID: Int64, _ connection: any SQLConnection) throws -> [Int64] {
        var found: [Int64] = []
        var next = [profileID]
        while !next.isEmpty, found.count < chainLimit {
            next = try connection.queryMany(
                "SELECT id FROM profiles WHERE merged_into = ?", next.map { [.integer($0)] }
            ).joined().map { try $0.int(0) }
            found += next
        }
        return found
    }

    private static func id(_ value: JSONValue) -> Int64? {
        value.stringValue.flatMap { Int64($0) }
    }
}
