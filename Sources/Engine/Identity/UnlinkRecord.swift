import Storage

/// An identity that was taken from a person on purpose, with the link as it was.
package struct UnlinkRecord: Sendable, Equatable {
    package var id: Int64
    package var profileID: Int64
    package var key: IdentityKey
    package var link: IdentityLink
    package var atMS: Int64
    /// Log position of the event that asked for it.
    package var evidence: Int64
    package var undoneMS: Int64?

    private static let columns: SQL =
        "id, profile_id, kind, value, source_id, first_seen_ms, link_evidence, verified, at_ms, evidence, undone_ms"
    /// Of one person, as a page shows them.
    static let listLimit = 200

    init(
        id: Int64, profileID: Int64, key: IdentityKey, link: IdentityLink, atMS: Int64, evidence: Int64,
        undoneMS: Int64? = nil
    ) {
        self.id = id
        self.profileID = profileID
        self.key = key
        self.link = link
        self.atMS = atMS
        self.evidence = evidence
        self.undoneMS = undoneMS
    }

    private init(_ row: SQLRow) throws {
        id = try row.int(0)
        profileID = try row.int(1)
        key = try IdentityKey(kind: row.text(2), value: row.text(3))
        link = try IdentityLink(
            profileID: row.int(1), sourceID: row.int(4), firstSeenMS: row.int(5), evidence: row.int(6),
            isVerified: row.bool(7))
        atMS = try row.int(8)
        evidence = try row.int(9)
        undoneMS = try row.intOrNil(10)
    }

    /// Of a person and everyone merged into them, newest first; merged ids lead to the winner.
    /// Throws: `ProfileError.notFound`, `StorageError`.
    package static func list(of profileID: Int64, _ connection: any SQLConnection) throws -> [UnlinkRecord] {
        let living = try ProfileDetail.resolve(profileID, connection)
        let ids = [living] + (try ProfileDetail.mergedIDs(into: living, connection))
        return try connection.query(
            """
            SELECT \(columns) FROM identity_unlinks WHERE profile_id IN (\(list: ids))
            ORDER BY at_ms DESC, id DESC LIMIT \(listLimit)
            """
        ).map(UnlinkRecord.init)
    }

    /// One that still stands, locked until the transaction ends; nil when it was undone or never was.
    static func standing(_ id: Int64, _ connection: any SQLConnection) throws -> UnlinkRecord? {
        try connection.first(
            """
            SELECT \(columns) FROM identity_unlinks
            WHERE id = \(id) AND undone_ms IS NULL\(raw: connection.dialect.forUpdate)
            """
        ).map(UnlinkRecord.init)
    }

    static func save(_ records: [UnlinkRecord], _ connection: any SQLConnection) throws {
        guard !records.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO identity_unlinks (id, profile_id, kind, value, source_id, first_seen_ms, link_evidence,
                verified, at_ms, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            records.map { record in
                [
                    .integer(record.id), .integer(record.profileID), .text(record.key.kind), .text(record.key.value),
                    .integer(record.link.sourceID), .integer(record.link.firstSeenMS),
                    .integer(record.link.evidence), record.link.isVerified.sqlValue, .integer(record.atMS),
                    .integer(record.evidence),
                ]
            })
    }
}
