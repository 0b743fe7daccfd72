import Storage

/// Reads and writes rows of `profiles`: locked in the order of their ids, written once a batch.
enum ProfileRows {
    /// The profiles of the ids, locked until the transaction ends. Ids without a row are left out.
    static func load(_ ids: [Int64], _ connection: any SQLConnection) throws -> [Profile] {
        guard !ids.isEmpty else { return [] }
        return try connection.queryMany(
            "SELECT \(Profile.columns) FROM profiles WHERE id = ?" + connection.dialect.forUpdate,
            ids.sorted().map { [.integer($0)] }
        ).compactMap { try $0.first.map(Profile.init) }
    }

    /// Inserts profiles that are new.
    static func insert(_ profiles: [Profile], _ connection: any SQLConnection) throws {
        guard !profiles.isEmpty else { return }
        let marks = String(repeating: "?, ", count: 23) + "?"
        try connection.executeMany(
            "INSERT INTO profiles (\(Profile.columns)) VALUES (\(marks))", profiles.map(\.values))
    }

    /// The usual visit: somebody was seen again and nothing else changed. No index but that of `last_seen_ms` moves.
    static func touch(_ profiles: [Profile], _ connection: any SQLConnection) throws {
        guard !profiles.isEmpty else { return }
        try connection.executeMany(
            """
            UPDATE profiles SET first_seen_ms = ?, last_seen_ms = ?, event_count = ?, version = ? WHERE id = ?
            """,
            profiles.map {
                [
                    .integer($0.firstSeenMS), .integer($0.lastSeenMS), .integer($0.eventCount), .integer($0.version),
                    .integer($0.id),
                ]
            })
    }

    /// Writes profiles of which more changed.
    static func update(_ profiles: [Profile], _ connection: any SQLConnection) throws {
        guard !profiles.isEmpty else { return }
        let assignments = Profile.columns.split(separator: ", ").dropFirst().map { "\($0) = ?" }
        try connection.executeMany(
            "UPDATE profiles SET \(assignments.joined(separator: ", ")) WHERE id = ?",
            profiles.map { profile in
                var values = profile.values
                values.append(values.removeFirst())
                return values
            })
    }
}
