import Storage

/// One row of `identities`: who has a key, since when, and which event proved it.
package struct IdentityLink: Sendable, Equatable {
    package var profileID: Int64
    package var sourceID: Int64
    package var firstSeenMS: Int64
    package var evidence: Int64
    package var isVerified: Bool
}

/// Reads and writes links. A batch reads every key it mentions once and writes those that changed once.
enum IdentityLinks {
    private static let columns = "profile_id, source_id, first_seen_ms, evidence, verified"

    /// The links of the keys, locked until the transaction ends, and the keys that nobody has.
    ///
    /// On PostgreSQL a free key is claimed with a row that points at nobody, so that of two processors that meet
    /// the same new identity the second waits and then sees what the first decided. `save` fills or drops that row.
    static func load(
        _ keys: [IdentityKey], _ connection: any SQLConnection
    ) throws -> [IdentityKey: IdentityLink] {
        var links: [IdentityKey: IdentityLink] = [:]
        links.reserveCapacity(keys.count)
        let missing = try read(keys.sorted(), into: &links, connection)
        guard connection.dialect == .postgresql, !missing.isEmpty else { return links }
        let inserted = try connection.executeMany(
            """
            INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
            VALUES (?, ?, 0, 0, 0, 0, 0) ON CONFLICT (kind, value) DO NOTHING
            """, missing.map { [.text($0.kind), .text($0.value)] })
        let lost = zip(missing, inserted).filter { $0.1 == 0 }.map(\.0)
        _ = try read(lost, into: &links, connection)
        return links
    }

    private static func read(
        _ keys: [IdentityKey], into links: inout [IdentityKey: IdentityLink], _ connection: any SQLConnection
    ) throws -> [IdentityKey] {
        guard !keys.isEmpty else { return [] }
        let answers = try connection.queryMany(
            "SELECT \(columns) FROM identities WHERE kind = ? AND value = ?" + connection.dialect.forUpdate,
            keys.map { [.text($0.kind), .text($0.value)] })
        var missing: [IdentityKey] = []
        for (key, rows) in zip(keys, answers) {
            guard let row = rows.first else {
                missing.append(key)
                continue
            }
            links[key] = try IdentityLink(
                profileID: row.int(0), sourceID: row.int(1), firstSeenMS: row.int(2), evidence: row.int(3),
                isVerified: row.bool(4))
        }
        return missing
    }

    /// Writes the changed links, and drops the rows that only held a key (`unused`).
    static func save(
        _ changed: [(key: IdentityKey, link: IdentityLink)], unused: [IdentityKey], _ connection: any SQLConnection
    ) throws {
        if !changed.isEmpty {
            try connection.executeMany(
                """
                INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (kind, value) DO UPDATE SET profile_id = excluded.profile_id,
                source_id = excluded.source_id, first_seen_ms = excluded.first_seen_ms,
                evidence = excluded.evidence, verified = excluded.verified
                """,
                changed.map { key, link in
                    [
                        .text(key.kind), .text(key.value), .integer(link.profileID), .integer(link.sourceID),
                        .integer(link.firstSeenMS), .integer(link.evidence), link.isVerified.sqlValue,
                    ]
                })
        }
        if connection.dialect == .postgresql, !unused.isEmpty {
            try connection.executeMany(
                "DELETE FROM identities WHERE kind = ? AND value = ? AND profile_id = 0",
                unused.map { [.text($0.kind), .text($0.value)] })
        }
    }

    /// Deletes the links of the keys, whoever they point at.
    static func drop(_ keys: [IdentityKey], _ connection: any SQLConnection) throws {
        guard !keys.isEmpty else { return }
        try connection.executeMany(
            "DELETE FROM identities WHERE kind = ? AND value = ?", keys.map { [.text($0.kind), .text($0.value)] })
    }

    /// Every key of a profile.
    static func keys(of profileID: Int64, _ connection: any SQLConnection) throws -> [IdentityKey] {
        try connection.query(
            "SELECT kind, value FROM identities WHERE profile_id = \(profileID) ORDER BY kind, value"
        ).map { try IdentityKey(kind: $0.text(0), value: $0.text(1)) }
    }
}
