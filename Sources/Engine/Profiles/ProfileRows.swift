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

    /// Locks these people and says to whom each belongs now: merged ones to their winner. Erased ones are left out.
    static func owners(_ ids: [Int64], _ connection: any SQLConnection) throws -> [Int64: Int64] {
        var rows: [Int64: Profile] = [:]
        var wanted = Set(ids)
        while !wanted.isEmpty {
            for row in try load(wanted.sorted(), connection) { rows[row.id] = row }
            wanted = Set(rows.values.compactMap(\.mergedInto)).subtracting(rows.keys)
        }
        var owners: [Int64: Int64] = [:]
        for id in ids {
            var current = rows[id]
            while let next = current?.mergedInto { current = rows[next] }
            if let current, current.deletedMS == nil { owners[id] = current.id }
        }
        return owners
    }

    /// Lets the mirror in the analytics store take the row anew, after something that it shows has changed elsewhere.
    static func raiseVersions(_ ids: [Int64], _ connection: any SQLConnection) throws {
        try connection.executeMany(
            "UPDATE profiles SET version = version + 1 WHERE id = ?", ids.sorted().map { [.integer($0)] })
    }

    /// Inserts profiles that are new.
    static func insert(_ profiles: [Profile], _ connection: any SQLConnection) throws {
        guard !profiles.isEmpty else { return }
        let marks = String(repeating: "?, ", count: 23) + "?"
        try connection.executeMany(
            "INSERT INTO profiles (\(Profile.writtenColumns)) VALUES (\(marks))", profiles.map(\.values))
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
        let assignments = Profile.writtenColumns.split(separator: ", ").dropFirst().map { "\($0) = ?" }
        try connection.executeMany(
            "UPDATE profiles SET \(assignments.joined(separator: ", ")) WHERE id = ?",
            profiles.map { profile in
                var values = profile.values
                values.append(values.removeFirst())
                return values
            })
    }
}
