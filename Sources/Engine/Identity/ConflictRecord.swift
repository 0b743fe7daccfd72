import Storage

/// A claim that was not linked, as the status page and the person's page show it.
package struct ConflictRecord: Sendable, Hashable {
    package var key: IdentityKey
    package var reason: ConflictReason
    package var profileID: Int64
    package var evidence: Int64
    package var atMS: Int64

    static let valueCharacters = 100
    static let kindCharacters = 64

    /// The same finding always has the same id, so that a program that sends `null` a million times leaves one row.
    /// Of an unknown kind the first value is kept as an example.
    var id: Int64 {
        let value = reason == .unknownKind ? "" : key.value
        let whose = reason == .limit || reason == .unverified ? String(profileID) : ""
        return StableHash.of("\(key.kind)\u{1F}\(value)\u{1F}\(reason.rawValue)\u{1F}\(whose)").id
    }

    static func save(_ records: [ConflictRecord], _ connection: any SQLConnection) throws {
        var seen: Set<Int64> = []
        let fresh = records.filter { seen.insert($0.id).inserted }.sorted { $0.id < $1.id }
        guard !fresh.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO identity_conflicts (id, kind, value, reason, profile_id, evidence, at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            fresh.map { record in
                [
                    .integer(record.id), .text(record.key.kind), .text(record.key.value),
                    .text(record.reason.rawValue), .integer(record.profileID), .integer(record.evidence),
                    .integer(record.atMS),
                ]
            })
    }
}
