import Storage

/// How a person is reached, and what they said of it: the part of `ProfileDetail` that a message to many asks for.
struct ProfileReach: Sendable {
    var id: Int64
    /// Not erased.
    var isLiving: Bool
    var consent: [String: Consent]
    /// By kind, the verified first, then the first seen.
    var identities: [String: [String]]
    /// Ids that were merged into this person, all the way down.
    var mergedIDs: [Int64]
}

extension ProfileDetail {
    /// Several people at once, by the ids that were asked for; an id that was merged leads to the winner, ids of nobody are
    /// left out. Throws: `StorageError`, `JSONError`, `ProfileError.unreadableState`.
    static func reach(_ ids: [Int64], _ connection: any SQLConnection) throws -> [Int64: ProfileReach] {
        let (rows, winners) = try chains(
            of: ids, columns: "id, merged_into, deleted_ms, state", connection,
            mergedInto: { $0.mergedInto }, read: ReachRow.init(row:))
        let living = Set(winners.values).sorted()
        guard !living.isEmpty else { return [:] }
        let identities = try values(ofEach: living, connection)
        let merged = try mergedIDs(intoEach: living, connection)
        var people: [Int64: ProfileReach] = [:]
        people.reserveCapacity(living.count)
        for (id, known) in zip(living, identities) {
            guard let row = rows[id] else { continue }
            people[id] = ProfileReach(
                id: id, isLiving: row.isLiving, consent: try ProfileState.consent(parsing: row.state),
                identities: known, mergedIDs: merged[id] ?? [])
        }
        return winners.compactMapValues { people[$0] }
    }

    private struct ReachRow {
        var mergedInto: Int64?
        var isLiving: Bool
        var state: String

        init(row: SQLRow) throws {
            mergedInto = try row.intOrNil(1)
            isLiving = try mergedInto == nil && row.intOrNil(2) == nil
            state = try row.text(3)
        }
    }

    /// Values by kind of each person. Kind and value are all that the index of people holds: which of several of a kind
    /// comes first is asked for those alone who have several.
    private static func values(
        ofEach ids: [Int64], _ connection: any SQLConnection
    ) throws -> [[String: [String]]] {
        var found = try connection.queryMany(
            "SELECT kind, value FROM identities WHERE profile_id = ? LIMIT \(identitiesLimit)",
            ids.map { [.integer($0)] }
        ).map { rows -> [String: [String]] in
            var byKind: [String: [String]] = [:]
            for row in rows { byKind[try row.text(0), default: []].append(try row.text(1)) }
            return byKind
        }
        let several = found.indices.filter { place in found[place].values.contains { $0.count > 1 } }
        let ranked = try connection.queryMany(
            """
            SELECT kind, value, first_seen_ms, verified FROM identities WHERE profile_id = ? LIMIT \(identitiesLimit)
            """, several.map { [.integer(ids[$0])] })
        for (place, rows) in zip(several, ranked) { found[place] = try ranking(rows) }
        return found
    }

    /// From rows of kind, value, when it was first seen, and whether it is verified.
    private static func ranking(_ rows: [SQLRow]) throws -> [String: [String]] {
        var byKind: [String: [(value: String, rank: Int, seen: Int64)]] = [:]
        for row in rows {
            let (kind, value) = (try row.text(0), try row.text(1))
            byKind[kind, default: []].append((value, try row.bool(3) ? 0 : 1, try row.int(2)))
        }
        return byKind.mapValues { $0.sorted { ($0.rank, $0.seen) < ($1.rank, $1.seen) }.map(\.value) }
    }
}
