import Storage

/// The features that published definitions use, kept per person by the processor in its own transaction, so that one
/// person's answer needs no query.
///
/// Invariants: a feature is kept from the moment it is published on (events beyond `fromPosition`); what lies before
/// comes from the analytics store, each part of it in one transaction together with the note that it is done. Folding
/// does not depend on order, so both may happen at the same time. Without published definitions nothing is read or
/// written.
package enum KeptFeatures {
    package struct Kept: Sendable, Equatable {
        package var id: Int64
        package var feature: Feature
        package var isFilling: Bool
        package var fromPosition: Int64
        package var filledParts: Int64
    }

    /// Features of all published definitions together: the budget of one person.
    package static let limit = 200

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> [Kept] {
        try connection.query(
            "SELECT id, definition, status, from_position, filled_parts FROM features ORDER BY id"
        ).compactMap { row in
            guard let feature = try Feature(text: row.text(1)) else { return nil }
            return try Kept(
                id: row.int(0), feature: feature, isFilling: row.text(2) == "filling", fromPosition: row.int(3),
                filledParts: row.int(4))
        }
    }

    /// Keeps what all definitions need together. Call it in every transaction that changes one.
    /// Throws: `SegmentError.tooManyFeatures`, `StorageError`.
    static func settle(at now: Timestamp, _ connection: any SQLConnection) throws {
        let world = try CriteriaWorld.load(connection)
        var needed: Set<Feature> = []
        for id in world.kept {
            if let node = world.definition(id) { needed.formUnion(Criteria(node).features) }
        }
        for facts in world.scores.values {
            needed.formUnion(ScoreDefinition.readable(facts.definition)?.features ?? [])
        }
        for criteria in try ProgramVersions.published(connection)?.program?.rules.criteria ?? [] {
            needed.formUnion(criteria.features)
        }
        for criteria in try Journeys.criteria(connection) { needed.formUnion(criteria.features) }
        _ = try settle(needed, at: now, connection)
    }

    /// Begins to keep what is needed and not kept, and forgets what is no longer needed. Returns whether something has
    /// to be filled. Throws: `SegmentError.tooManyFeatures`, `StorageError`.
    static func settle(_ needed: Set<Feature>, at now: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        guard needed.count <= limit else { throw SegmentError.tooManyFeatures(needed.count, limit: limit) }
        let kept = try load(connection)
        let known = Set(kept.map(\.feature))
        for gone in kept where !needed.contains(gone.feature) {
            try connection.execute("DELETE FROM features WHERE id = \(gone.id)")
        }
        let new = needed.subtracting(known)
        guard !new.isEmpty else { return kept.contains { $0.isFilling && needed.contains($0.feature) } }
        // Batches that do not know the feature yet end before its first position is taken.
        _ = try connection.query(
            "SELECT shard FROM log_consumers WHERE consumer = 'processor'\(raw: connection.dialect.forUpdate)")
        try connection.lock("event_log")
        let end = try EventLog.end(connection)
        for feature in new {
            try connection.execute("DELETE FROM profile_features WHERE feature_id = \(feature.id)")
            try connection.execute(
                """
                INSERT INTO features (id, definition, status, from_position, filled_parts, created_ms)
                VALUES (\(feature.id), \(feature.text), 'filling', \(end), 0, \(now.milliseconds))
                """)
        }
        return true
    }

    /// Removes rows of features that are no longer kept, at most `limit`. Returns how many. Throws: `StorageError`.
    static func sweepForgotten(limit: Int, _ connection: any SQLConnection) throws -> Int {
        let gone = try connection.query(
            """
            SELECT profile_id, feature_id FROM profile_features
            WHERE feature_id NOT IN (SELECT id FROM features) LIMIT \(limit)
            """)
        try connection.executeMany(
            "DELETE FROM profile_features WHERE profile_id = ? AND feature_id = ?",
            try gone.map { [.integer(try $0.int(0)), .integer(try $0.int(1))] })
        return gone.count
    }

    /// What is kept of these people, by person and feature. Throws: `StorageError`, `JSONError`.
    static func states(
        of profileIDs: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: [Int64: FeatureState]] {
        guard !profileIDs.isEmpty else { return [:] }
        let answers = try connection.queryMany(
            "SELECT feature_id, state FROM profile_features WHERE profile_id = ?", profileIDs.map { [.integer($0)] })
        var states: [Int64: [Int64: FeatureState]] = [:]
        for (id, rows) in zip(profileIDs, answers) {
            for row in rows { states[id, default: [:]][try row.int(0)] = try FeatureState(parsing: row.text(1)) }
        }
        return states
    }

    static func save(
        _ rows: [(profileID: Int64, featureID: Int64, state: FeatureState)], _ connection: any SQLConnection
    ) throws {
        guard !rows.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO profile_features (profile_id, feature_id, state) VALUES (?, ?, ?)
            ON CONFLICT (profile_id, feature_id) DO UPDATE SET state = excluded.state
            """,
            rows.sorted { ($0.profileID, $0.featureID) < ($1.profileID, $1.featureID) }.map {
                [.integer($0.profileID), .integer($0.featureID), .text($0.state.text)]
            })
    }

    /// Forgets what is kept of these people. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        guard !profileIDs.isEmpty else { return }
        try connection.executeMany(
            "DELETE FROM profile_features WHERE profile_id = ?", profileIDs.map { [.integer($0)] })
    }
}
