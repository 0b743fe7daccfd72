import Storage

/// The merges and unmerges of a person, newest first, as the person's page and the API show them.
package enum MergeHistory {
    package struct Entry: Sendable, Equatable {
        package var id: Int64
        package var winnerID: Int64
        package var loserID: Int64
        package var atMS: Int64
        package var rule: MergeRule
        /// Log position of the event that proved it; 0 for a merge by hand.
        package var evidence: Int64
        package var undoneMS: Int64?
        /// How many identities and orders came with the loser.
        package var identityCount: Int
        package var orderCount: Int
        /// The identities that came with the loser.
        package var identities: [IdentityKey]
    }

    static let entriesLimit = 200

    /// Of a person and everyone merged into them; merged ids lead to the winner. Throws: `ProfileError.notFound`.
    package static func load(of profileID: Int64, _ connection: any SQLConnection) throws -> [Entry] {
        let id = try ProfileDetail.resolve(profileID, connection)
        return try entries(
            "WHERE winner_id = \(id) OR loser_id = \(id) ORDER BY at_ms DESC, id DESC LIMIT \(entriesLimit)",
            connection)
    }

    /// The latest of everybody.
    package static func latest(_ connection: any SQLConnection) throws -> [Entry] {
        try entries("ORDER BY id DESC LIMIT \(entriesLimit)", connection)
    }

    private static func entries(_ condition: SQL, _ connection: any SQLConnection) throws -> [Entry] {
        let rows = try connection.query(
            """
            SELECT id, winner_id, loser_id, at_ms, rule, evidence, undone_ms, detail FROM profile_merges \(condition)
            """)
        return try rows.map { row in
            let detail = try MergeDetail(parsing: row.text(7))
            return try Entry(
                id: row.int(0), winnerID: row.int(1), loserID: row.int(2), atMS: row.int(3),
                rule: MergeRule(rawValue: row.text(4)) ?? .manual, evidence: row.int(5), undoneMS: row.intOrNil(6),
                identityCount: detail.identities.count, orderCount: detail.orders.count,
                identities: detail.identities)
        }
    }
}
