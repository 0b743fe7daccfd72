import Storage

/// Whether the audit log's chain of hashes is whole, told quickly however long the log is.
///
/// A nightly job walks the whole chain and notes how far it was whole; the page checks that the noted entry still has
/// the noted hash, and walks what came after.
package struct AuditVerification: Sendable, Equatable {
    /// How far the chain is known to be whole, and since when.
    package var through: Int64
    package var at: Timestamp
    /// The first entry that does not follow from the one before; nil when the chain is whole.
    package var brokenID: Int64?
    /// Entries behind `through` that were not walked yet.
    package var isComplete: Bool

    /// What was found the last time from the first entry on.
    struct Mark: Codable, Sendable, Equatable {
        var through: Int64
        var hash: String
        var at: Timestamp
        var brokenID: Int64?
    }

    private static let name = "audit_verified"
    private static let chunkRows = 1_000
    /// Entries that one look at the page walks at most.
    private static let tailRows = 20_000

    /// Throws: `StorageError`.
    package static func quick(_ connection: any SQLConnection, at now: Timestamp) throws -> AuditVerification {
        var mark = try Settings.load(Mark.self, name, connection) ?? Mark(through: 0, hash: "", at: now, brokenID: nil)
        if let broken = mark.brokenID {
            return AuditVerification(through: mark.through, at: mark.at, brokenID: broken, isComplete: true)
        }
        if mark.through > 0 {
            let row = try connection.first("SELECT hash FROM audit_log WHERE id = \(mark.through)")
            guard let row, try row.text(0) == mark.hash else {
                return AuditVerification(through: 0, at: now, brokenID: mark.through, isComplete: true)
            }
        }
        for _ in 0..<(tailRows / chunkRows) {
            guard try walk(&mark, connection) else {
                return AuditVerification(through: mark.through, at: now, brokenID: mark.brokenID, isComplete: true)
            }
        }
        return AuditVerification(through: mark.through, at: now, brokenID: mark.brokenID, isComplete: false)
    }

    /// Walks a chunk. Returns whether there may be more.
    private static func walk(_ mark: inout Mark, _ connection: any SQLConnection) throws -> Bool {
        let entries = try AuditLog.entries(after: mark.through, limit: chunkRows, connection)
        for entry in entries {
            guard entry.hash == AuditLog.hash(of: entry, after: mark.hash) else {
                mark.brokenID = entry.id
                return false
            }
            mark.through = entry.id
            mark.hash = entry.hash
        }
        return entries.count == chunkRows
    }

    package static let handler = JobHandler(
        kind: "audit_verification", schedule: .daily(hour: 3, minute: 50)
    ) { context in
        var mark = Mark(through: 0, hash: "", at: context.platform.effects.now(), brokenID: nil)
        var mayBeMore = true
        while mayBeMore {
            try Task.checkCancellation()
            let place = mark
            (mark, mayBeMore) = try await context.platform.store.read { connection in
                var next = place
                let more = try walk(&next, connection)
                return (next, more)
            }
        }
        let found = mark
        try await context.write { try Settings.save(found, name, $0, at: found.at) }
        return try StoredDocument.text(found)
    }
}
