import Storage

/// Who has which tag. Every change goes through here and leaves its cause in the history.
package enum TagHolders {
    package static let added = "Tag Added"
    package static let removed = "Tag Removed"

    typealias Pair = (tag: Int64, profile: Int64)

    /// The tags of these people, ascending. Throws: `StorageError`.
    package static func tags(of profileIDs: [Int64], _ connection: any SQLConnection) throws -> [Int64: [Int64]] {
        guard !profileIDs.isEmpty, try connection.first("SELECT 1 FROM tags LIMIT 1") != nil else { return [:] }
        let answers = try connection.queryMany(
            "SELECT tag_id FROM profile_tags WHERE profile_id = ? ORDER BY tag_id", profileIDs.map { [.integer($0)] })
        var tags: [Int64: [Int64]] = [:]
        for (id, rows) in zip(profileIDs, answers) where !rows.isEmpty { tags[id] = try rows.map { try $0.int(0) } }
        return tags
    }

    /// Gives tags that are not held yet. Throws: `StorageError`.
    static func add(
        _ pairs: [Pair], _ cause: TagCause, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard !pairs.isEmpty else { return }
        try connection.executeMany(
            "INSERT INTO profile_tags (tag_id, profile_id, since_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            pairs.map { [.integer($0.tag), .integer($0.profile), .integer(now.milliseconds)] })
        try note(pairs, isGiven: true, cause, at: now, connection)
    }

    /// Takes tags that are held. Throws: `StorageError`.
    static func remove(
        _ pairs: [Pair], _ cause: TagCause, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard !pairs.isEmpty else { return }
        try connection.executeMany(
            "DELETE FROM profile_tags WHERE tag_id = ? AND profile_id = ?",
            pairs.map { [.integer($0.tag), .integer($0.profile)] })
        try note(pairs, isGiven: false, cause, at: now, connection)
    }

    private static func note(
        _ pairs: [Pair], isGiven: Bool, _ cause: TagCause, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.executeMany(
            """
            INSERT INTO tag_changes (profile_id, tag_id, given, at_ms, cause, detail) VALUES (?, ?, ?, ?, ?, ?)
            """,
            pairs.map {
                [
                    .integer($0.profile), .integer($0.tag), .integer(isGiven ? 1 : 0), .integer(now.milliseconds),
                    .text(cause.kind.rawValue), .text(cause.detail),
                ]
            })
    }

    static func events(
        _ name: String, _ pairs: [Pair], _ names: [Int64: String], _ cause: TagCause, at now: Timestamp
    ) -> [SystemEvent] {
        pairs.map { pair in
            let properties: JSONValue = [
                "tag_id": .string(String(pair.tag)), "tag": .string(names[pair.tag] ?? ""),
                "cause": .string(cause.kind.rawValue),
            ]
            return SystemEvent(name: name, profileID: pair.profile, time: now, properties: properties.text())
        }
    }

    /// Merged people: manual tags of the loser go to the winner, whose own stand where both exclude each other. What
    /// rules say of the winner is decided anew.
    static func move(
        _ merged: [(loser: Int64, winner: Int64)], _ tree: TagTree, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard !merged.isEmpty else { return }
        var present = try tags(of: Set(merged.flatMap { [$0.loser, $0.winner] }).sorted(), connection)
        for (loser, winner) in merged {
            guard let lost = present[loser] else { continue }
            var own = Set(present[winner] ?? [])
            for tag in lost where tree.isManual(tag) && !own.contains(tag) {
                guard tree.rivals(of: tag).isDisjoint(with: own) else { continue }
                own.insert(tag)
                try add([(tag, winner)], TagCause(.peopleMerged, String(loser)), at: now, connection)
            }
            try remove(lost.map { ($0, loser) }, TagCause(.peopleMerged, String(winner)), at: now, connection)
            present[winner] = own.sorted()
            present[loser] = nil
        }
    }

    /// An undone merge: the loser has its manual tags again; the winner keeps only what it had, or got otherwise.
    /// Call it in the transaction that undid the merge. Throws: `StorageError`.
    package static func part(
        winner: Int64, loser: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let tree = try TagTree.load(connection)
        guard !tree.isEmpty else { return }
        let rows = try connection.query(
            """
            SELECT tag_id FROM tag_changes WHERE profile_id = \(loser) AND given = 0 AND cause = 'people_merged'
            AND detail = \(String(winner)) AND at_ms = (
                SELECT max(at_ms) FROM tag_changes WHERE profile_id = \(loser) AND cause = 'people_merged'
                AND detail = \(String(winner)))
            """)
        let back = Set(try rows.map { try $0.int(0) }).filter(tree.isManual)
        let came = try connection.query(
            """
            SELECT tag_id, cause, detail, given FROM tag_changes WHERE profile_id = \(winner) ORDER BY id DESC
            """)
        var newest: [Int64: Bool] = [:]
        for row in came where newest[try row.int(0)] == nil {
            let isFromLoser = try row.text(1) == "people_merged" && row.text(2) == String(loser) && row.int(3) == 1
            newest[try row.int(0)] = isFromLoser
        }
        let gone = newest.filter(\.value).keys.sorted()
        try remove(gone.map { ($0, winner) }, TagCause(.peopleParted, String(loser)), at: now, connection)
        try add(back.sorted().map { ($0, loser) }, TagCause(.peopleParted, String(winner)), at: now, connection)
    }

    /// Takes everything from erased people, with its history. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        guard !profileIDs.isEmpty else { return }
        let ids: [[SQLValue]] = profileIDs.map { [.integer($0)] }
        try connection.executeMany("DELETE FROM profile_tags WHERE profile_id = ?", ids)
        try connection.executeMany("DELETE FROM tag_changes WHERE profile_id = ?", ids)
    }
}
