import Storage

extension ProfileDetail {
    /// Several people at once, by the ids that were asked for; an id that was merged leads to the winner, ids of nobody are
    /// left out. Conflicts are not read. Throws: `StorageError`, `JSONError`.
    package static func load(
        _ ids: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: ProfileDetail] {
        let (profiles, winners) = try chains(
            of: ids, columns: Profile.columns, connection, mergedInto: { $0.mergedInto },
            read: { row -> Profile in try Profile(row) })
        let living = Set(winners.values).sorted()
        guard !living.isEmpty else { return [:] }
        let identities = try connection.queryMany(
            """
            SELECT kind, value, source_id, first_seen_ms, evidence, verified FROM identities
            WHERE profile_id = ? LIMIT \(identitiesLimit)
            """, living.map { [.integer($0)] })
        let merged = try mergedIDs(intoEach: living, connection)
        var details: [Int64: ProfileDetail] = [:]
        for (id, rows) in zip(living, identities) {
            guard let profile = profiles[id] else { continue }
            details[id] = ProfileDetail(
                profile: profile, state: try ProfileState(parsing: profile.state), identities: try ordered(rows),
                mergedIDs: merged[id] ?? [], conflicts: [])
        }
        return winners.compactMapValues { details[$0] }
    }

    /// The rows behind ids with those of whom they were merged into, and which living person each id stands for.
    static func chains<Person>(
        of ids: [Int64], columns: String, _ connection: any SQLConnection, mergedInto: (Person) -> Int64?,
        read: (SQLRow) throws -> Person
    ) throws -> (people: [Int64: Person], winners: [Int64: Int64]) {
        var people: [Int64: Person] = [:]
        people.reserveCapacity(ids.count)
        var wanted = Set(ids)
        for _ in 0..<mergeDepth where !wanted.isEmpty {
            let asked = wanted.sorted()
            wanted = []
            let found = try connection.queryMany(
                "SELECT \(columns) FROM profiles WHERE id = ?", asked.map { [.integer($0)] })
            for (id, rows) in zip(asked, found) {
                guard let row = rows.first else { continue }
                let person = try read(row)
                people[id] = person
                if let winner = mergedInto(person) { wanted.insert(winner) }
            }
            wanted.subtract(people.keys)
        }
        return (people, winners(ids) { id in people[id].map { mergedInto($0) } })
    }

    /// Which living person each id stands for. `merge`: into whom an id was merged, if it was; nil: it is nobody's.
    private static func winners(_ ids: [Int64], _ merge: (Int64) -> Int64??) -> [Int64: Int64] {
        var winners: [Int64: Int64] = [:]
        winners.reserveCapacity(ids.count)
        for id in ids {
            var current = id
            for _ in 0..<mergeDepth {
                guard case .some(.some(let winner)) = merge(current) else { break }
                current = winner
            }
            if case .some(.none) = merge(current) { winners[id] = current }
        }
        return winners
    }

    /// Everyone merged into each of these people, directly or through others.
    static func mergedIDs(
        intoEach ids: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: [Int64]] {
        var merged: [Int64: [Int64]] = [:]
        var frontier = ids.map { (root: $0, id: $0) }
        while !frontier.isEmpty {
            let found = try losers(ofEach: frontier.map(\.id), connection)
            var next: [(root: Int64, id: Int64)] = []
            for place in frontier where merged[place.root]?.count ?? 0 < mergedLimit {
                guard let losers = found[place.id] else { continue }
                merged[place.root, default: []] += losers
                next += losers.map { (place.root, $0) }
            }
            frontier = next
        }
        return merged
    }

    /// Who was merged into each of these people, in order; those into whom nobody was are left out. Of many people hardly
    /// anybody was.
    private static func losers(
        ofEach ids: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: [Int64]] {
        try connection.rows(
            ofEach: ids, place: 1, most: min(ids.count, mergedLimit),
            range: { first, last, limit in
                """
                SELECT id, merged_into FROM profiles WHERE merged_into BETWEEN \(first) AND \(last)
                ORDER BY merged_into, id LIMIT \(limit)
                """
            }, one: "SELECT id FROM profiles WHERE merged_into = ? ORDER BY id LIMIT \(mergedLimit)"
        ).mapValues { rows in try rows.map { try $0.int(0) } }
    }
}
