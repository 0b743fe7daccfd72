import Storage

extension ProfileDetail {
    /// Several people at once, by the ids that were asked for; an id that was merged leads to the winner, ids of nobody are
    /// left out. Conflicts are not read. Throws: `StorageError`, `JSONError`.
    package static func load(
        _ ids: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: ProfileDetail] {
        let (profiles, winners) = try living(ids, connection)
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

    /// The rows behind ids, and which living person each id stands for.
    private static func living(
        _ ids: [Int64], _ connection: any SQLConnection
    ) throws -> (profiles: [Int64: Profile], winners: [Int64: Int64]) {
        var profiles: [Int64: Profile] = [:]
        var wanted = Set(ids)
        for _ in 0..<mergeDepth where !wanted.isEmpty {
            let asked = wanted.sorted()
            wanted = []
            let found = try connection.queryMany(
                "SELECT \(Profile.columns) FROM profiles WHERE id = ?", asked.map { [.integer($0)] })
            for row in found.compactMap(\.first) {
                let profile = try Profile(row)
                profiles[profile.id] = profile
                if let winner = profile.mergedInto { wanted.insert(winner) }
            }
            wanted.subtract(profiles.keys)
        }
        var winners: [Int64: Int64] = [:]
        for id in ids {
            var current = profiles[id]
            for _ in 0..<mergeDepth {
                guard let winner = current?.mergedInto else { break }
                current = profiles[winner]
            }
            if let current, current.mergedInto == nil { winners[id] = current.id }
        }
        return (profiles, winners)
    }

    /// Everyone merged into each of these people, directly or through others.
    private static func mergedIDs(
        intoEach ids: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: [Int64]] {
        var merged: [Int64: [Int64]] = [:]
        var frontier = ids.map { (root: $0, id: $0) }
        while !frontier.isEmpty {
            let found = try connection.queryMany(
                "SELECT id FROM profiles WHERE merged_into = ? ORDER BY id LIMIT \(mergedLimit)",
                frontier.map { [.integer($0.id)] })
            var next: [(root: Int64, id: Int64)] = []
            for (place, rows) in zip(frontier, found) where merged[place.root, default: []].count < mergedLimit {
                let losers = try rows.map { try $0.int(0) }
                merged[place.root, default: []] += losers
                next += losers.map { (place.root, $0) }
            }
            frontier = next
        }
        return merged
    }
}
