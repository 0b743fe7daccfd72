import Storage

/// Undoes an unlink: the person has the identity again, with the link as it was.
///
/// It can be undone only while nobody else has the identity; who took it since would have to be merged instead.
package enum Relink {
    /// In the open transaction; append the event that it returns to the log.
    /// Throws: `ProfileError.unlinkNotFound`, `.identityTaken`, `.erased`; `StorageError`.
    package static func undo(
        _ unlinkID: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> SystemEvent {
        guard let record = try UnlinkRecord.standing(unlinkID, connection) else {
            throw ProfileError.unlinkNotFound(unlinkID)
        }
        let living = try ProfileDetail.resolve(record.profileID, connection)
        if try giveBack(record, to: living, connection) {
            guard var profile = try ProfileRows.load([living], connection).first else {
                throw ProfileError.notFound(living)
            }
            guard profile.deletedMS == nil else { throw ProfileError.erased(living) }
            var state = try ProfileState(parsing: profile.state)
            state.identityCounts[record.key.kind, default: 0] += 1
            profile.state = state.text()
            if IdentityKind.named(record.key.kind)?.isKnown == true, !profile.isIdentified {
                profile.isIdentified = true
                profile.identifiedMS = record.link.firstSeenMS
            }
            profile.version += 1
            try ProfileRows.update([profile], connection)
        }
        try connection.execute(
            "UPDATE identity_unlinks SET undone_ms = \(now.milliseconds) WHERE id = \(unlinkID)")
        return IdentityEvents.relinked(record, profileID: living, at: now)
    }

    /// Returns whether the person lacked the identity until now.
    private static func giveBack(
        _ record: UnlinkRecord, to living: Int64, _ connection: any SQLConnection
    ) throws -> Bool {
        let (key, link) = (record.key, record.link)
        let added = try connection.execute(
            """
            INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
            VALUES (\(key.kind), \(key.value), \(living), \(link.sourceID), \(link.firstSeenMS), \(link.evidence),
                \(link.isVerified ? 1 : 0)) ON CONFLICT (kind, value) DO NOTHING
            """)
        if added == 1 { return true }
        let owner = try connection.first(
            "SELECT profile_id FROM identities WHERE kind = \(key.kind) AND value = \(key.value)"
        )?.int(0)
        if let owner, owner != living { throw ProfileError.identityTaken(owner) }
        return false
    }
}
