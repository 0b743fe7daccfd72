import Storage

/// Tiers given by hand: an invitation, a goodwill, a paid membership; until a day, or until they are taken back.
package enum TierGrants {
    package struct Stored: Sendable, Equatable {
        package var id: Int64
        package var member: Int64
        package var tier: String
        package var until: Timestamp?
        package var reason: String
        package var author: String
        package var createdAt: Timestamp
        package var endedAt: Timestamp?
    }

    private static let columns = "id, member_id, tier, until_ms, reason, author, created_ms, ended_ms"

    /// Gives a tier in place of one that was given before. Append the events. Throws: `TierError`, `StorageError`.
    package static func give(
        _ tier: String, to member: Int64, until: Timestamp?, reason: String, by author: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (grant: Stored, events: [SystemEvent]) {
        let now = effects.now()
        let ladder = try TierLadders.required(connection).ladder
        guard let index = ladder.index(tier), index > 0 else { throw TierError.unknownTier(tier) }
        guard until.map({ $0 > now }) ?? true else { throw TierError.grantInPast }
        guard !reason.isEmpty, reason.count <= TierLimits.reasonCharacters else { throw TierError.reason }
        guard try TierReview.isOpen(member, connection) else { throw TierError.notMember(member) }
        let id = effects.newID()
        let events = try TierReview.change(members: [member], at: now, connection) { batch in
            batch.bringUpToDate()
            guard batch.courses.allSatisfy({ $0.earnedIndex < index }) else { throw TierError.grantBelow(tier: tier) }
            batch.run { _, course in course.give(TierGrant(id: id, tier: tier, until: until), at: now) }
        }
        try connection.execute(
            "UPDATE tier_grants SET ended_ms = \(now.milliseconds) WHERE member_id = \(member) AND ended_ms IS NULL")
        try connection.execute(
            """
            INSERT INTO tier_grants (id, member_id, tier, until_ms, reason, author, created_ms)
            VALUES (\(id), \(member), \(tier), \((until?.milliseconds).sqlValue), \(reason), \(author),
                \(now.milliseconds))
            """)
        return (try get(id, connection), events)
    }

    /// Takes a grant back. Append the events. Throws: `TierError`, `StorageError`.
    package static func end(
        _ id: Int64, effects: Effects, _ connection: any SQLConnection
    ) throws -> (grant: Stored, events: [SystemEvent]) {
        let now = effects.now()
        let grant = try get(id, connection)
        guard grant.endedAt == nil, grant.until.map({ $0 > now }) ?? true else { throw TierError.grantEnded(id) }
        let events = try TierReview.change(members: [grant.member], at: now, connection) { batch in
            batch.bringUpToDate()
            batch.run { _, course in if course.state.grant?.id == id { course.endGrant(at: now) } }
        }
        try connection.execute("UPDATE tier_grants SET ended_ms = \(now.milliseconds) WHERE id = \(id)")
        return (try get(id, connection), events)
    }

    /// The newest first. Throws: `StorageError`.
    package static func list(
        member: Int64, before id: Int64 = .max, limit: Int, _ connection: any SQLConnection
    ) throws -> [Stored] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM tier_grants WHERE member_id = \(member) AND id < \(id)
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map(stored)
    }

    /// Of many members, in their order, the oldest first. Throws: `StorageError`.
    static func all(of members: [Int64], _ connection: any SQLConnection) throws -> [[Stored]] {
        try connection.queryMany(
            "SELECT \(columns) FROM tier_grants WHERE member_id = ? ORDER BY id",
            members.map { [.integer($0)] }
        ).map { try $0.map(stored) }
    }

    /// Throws: `TierError.grantNotFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Stored {
        let row = try connection.first("SELECT \(raw: columns) FROM tier_grants WHERE id = \(id)")
        guard let row else { throw TierError.grantNotFound(id) }
        return try stored(row)
    }

    /// Notes that grants have run out.
    static func close(at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE tier_grants SET ended_ms = until_ms WHERE ended_ms IS NULL AND until_ms <= \(now.milliseconds)
            AND until_ms IS NOT NULL
            """)
    }

    private static func stored(_ row: SQLRow) throws -> Stored {
        Stored(
            id: try row.int(0), member: try row.int(1), tier: try row.text(2),
            until: try row.intOrNil(3).map(Timestamp.init(milliseconds:)), reason: try row.text(4),
            author: try row.text(5), createdAt: Timestamp(milliseconds: try row.int(6)),
            endedAt: try row.intOrNil(7).map(Timestamp.init(milliseconds:)))
    }
}

extension TierReview {
    static func isOpen(_ member: Int64, _ connection: any SQLConnection) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM points_accounts WHERE id = \(member) AND closed_ms IS NULL AND profile_id <> 0") != nil
    }
}
