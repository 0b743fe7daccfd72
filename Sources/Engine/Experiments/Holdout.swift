import Storage

/// People whom nothing of what the brand tries reaches: what everything together is worth is told by them.
///
/// A person's place is drawn by a hash, so raising the share adds people and lets nobody out; only another draw does.
package struct Holdout: Codable, Sendable, Equatable {
    /// Of ten thousand people.
    package var share: Int64
    package var salt: Int64
    /// Since when the share is what it is; nil: never set.
    package var since: Timestamp?

    package static let shareMax: Int64 = 5_000
    private static let name = "holdout"

    package init(share: Int64 = 0, salt: Int64 = 0, since: Timestamp? = nil) {
        self.share = share
        self.salt = salt
        self.since = since
    }

    /// Whether a person is held out. Pure.
    package func holds(_ profileID: Int64) -> Bool {
        share > 0 && Assignment.bucket(salt: salt, profile: profileID) < share
    }

    /// Nobody is held out until it is set. Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> Holdout {
        try Settings.load(Holdout.self, name, connection) ?? Holdout()
    }

    /// Sets the share; `redraws` chooses other people. Throws: `ExperimentError.invalid`, `StorageError`.
    package static func save(
        share: Int64, redraws: Bool, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Holdout {
        guard (0...shareMax).contains(share) else {
            throw ExperimentError.invalid(field: "share", reason: "must be 0 to \(shareMax) of ten thousand")
        }
        try connection.lock("holdout")
        let (before, now) = (try load(connection), effects.now())
        var after = before
        after.share = share
        if redraws || before.since == nil { after.salt = Assignment.salt(effects) }
        guard after != before else { return before }
        after.since = now
        try Settings.save(after, name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "holdout.set", subject: "holdout", detail: "\(share)", connection, at: now)
        return after
    }
}

extension Experiments {
    /// Whether nothing that the brand tries may reach this person; asked when a message is about to leave. Ids of people who
    /// stayed.
    /// Throws: `StorageError`.
    package static func isHeldOut(_ profileID: Int64, _ connection: any SQLConnection) throws -> Bool {
        try Holdout.load(connection).holds(profileID)
    }
}
