import Storage

/// Everything about one person that is not in the timeline or the orders.
package struct ProfileDetail: Sendable, Equatable {
    package var profile: Profile
    package var state: ProfileState
    package var identities: [Identity]
    /// Ids that were merged into this person, all the way down.
    package var mergedIDs: [Int64]
    package var conflicts: [ConflictRecord]

    package struct Identity: Sendable, Equatable {
        package var key: IdentityKey
        package var sourceID: Int64
        package var firstSeenMS: Int64
        package var evidence: Int64
        package var isVerified: Bool
    }

    static let identitiesLimit = 500
    static let conflictsLimit = 50
    /// How far merges may be chained, and how many one person may have swallowed.
    static let mergeDepth = 64
    static let mergedLimit = 2_000

    /// Reads a person; an id that was merged leads to the winner. Throws: `ProfileError.notFound`.
    package static func load(_ id: Int64, _ connection: any SQLConnection) throws -> ProfileDetail {
        let (profile, state) = try person(id, connection)
        return ProfileDetail(
            profile: profile, state: state, identities: try identities(of: profile.id, connection),
            mergedIDs: try mergedIDs(into: profile.id, connection),
            conflicts: try conflicts(of: profile.id, connection))
    }

    /// The same without what else is known of them. Throws: `ProfileError.notFound`, `StorageError`.
    static func person(
        _ id: Int64, _ connection: any SQLConnection
    ) throws -> (profile: Profile, state: ProfileState) {
        let living = try resolve(id, connection)
        guard
            let row = try connection.first("SELECT \(raw: Profile.columns) FROM profiles WHERE id = \(living)")
        else { throw ProfileError.notFound(id) }
        let profile = try Profile(row)
        return (profile, try ProfileState(parsing: profile.state))
    }

    /// The id of the living person behind an id. Throws: `ProfileError.notFound`.
    package static func resolve(_ id: Int64, _ connection: any SQLConnection) throws -> Int64 {
        var current = id
        for _ in 0..<mergeDepth {
            guard let row = try connection.first("SELECT merged_into FROM profiles WHERE id = \(current)") else {
                throw ProfileError.notFound(id)
            }
            guard let next = try row.intOrNil(0) else { return current }
            current = next
        }
        throw ProfileError.notFound(id)
    }

    /// Everyone merged into a person, directly or through others.
    package static func mergedIDs(into id: Int64, _ connection: any SQLConnection) throws -> [Int64] {
        var found: [Int64] = []
        var frontier = [id]
        while !frontier.isEmpty, found.count < mergedLimit {
            let rows = try connection.queryMany(
                "SELECT id FROM profiles WHERE merged_into = ? ORDER BY id LIMIT \(mergedLimit)",
                frontier.map { [.integer($0)] })
            frontier = try rows.joined().map { try $0.int(0) }
            found += frontier
        }
        return found
    }

    private static func identities(of id: Int64, _ connection: any SQLConnection) throws -> [Identity] {
        try ordered(
            try connection.query(
                """
                SELECT kind, value, source_id, first_seen_ms, evidence, verified FROM identities
                WHERE profile_id = \(id) LIMIT \(identitiesLimit)
                """))
    }

    /// The strongest kinds first, of one kind the first seen.
    static func ordered(_ rows: [SQLRow]) throws -> [Identity] {
        let identities = try rows.map {
            try Identity(
                key: IdentityKey(kind: $0.text(0), value: $0.text(1)), sourceID: $0.int(2), firstSeenMS: $0.int(3),
                evidence: $0.int(4), isVerified: $0.bool(5))
        }
        return identities.sorted { left, right in
            let strengths = [left, right].map { IdentityKind.named($0.key.kind)?.priority ?? 0 }
            return strengths[0] != strengths[1] ? strengths[0] > strengths[1] : left.firstSeenMS < right.firstSeenMS
        }
    }

    private static func conflicts(of id: Int64, _ connection: any SQLConnection) throws -> [ConflictRecord] {
        try connection.query(
            """
            SELECT kind, value, reason, evidence, at_ms FROM identity_conflicts
            WHERE profile_id = \(id) ORDER BY at_ms DESC LIMIT \(conflictsLimit)
            """
        ).compactMap { row in
            guard let reason = ConflictReason(rawValue: try row.text(2)) else { return nil }
            return try ConflictRecord(
                key: IdentityKey(kind: row.text(0), value: row.text(1)), reason: reason, profileID: id,
                evidence: row.int(3), atMS: row.int(4))
        }
    }
}
