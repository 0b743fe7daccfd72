import Storage

/// Identities of people who asked to be forgotten, kept as salted hashes only: enough to know a late event, not enough
/// to know a person.
///
/// An event that happened up to the erasure is never linked again. One that happens later is a new relation: the
/// person came back on their own, to an empty profile.
struct Tombstones: Sendable {
    private let salt: [UInt8]
    private(set) var deletedMS: [IdentityKey: Int64]

    private static let saltSetting = "tombstone_salt"
    private static let saltBytes = 32

    /// The tombstones among these keys. Costs one look when nobody was ever erased.
    static func load(_ keys: [IdentityKey], _ connection: any SQLConnection) throws -> Tombstones {
        guard !keys.isEmpty, try connection.first("SELECT 1 FROM tombstones LIMIT 1") != nil,
            let salt = try Settings.load(String.self, saltSetting, connection)
        else { return Tombstones(salt: [], deletedMS: [:]) }
        let bytes = Array(salt.utf8)
        let answers = try connection.queryMany(
            "SELECT deleted_ms FROM tombstones WHERE identity_hash = ?",
            keys.map { [.text(hash($0, salt: bytes))] })
        var deleted: [IdentityKey: Int64] = [:]
        for (key, rows) in zip(keys, answers) {
            if let row = rows.first { deleted[key] = try row.int(0) }
        }
        return Tombstones(salt: bytes, deletedMS: deleted)
    }

    /// Whether an event of that time must not be linked by the key.
    func cover(_ key: IdentityKey, at time: Timestamp) -> Bool {
        guard let deleted = deletedMS[key] else { return false }
        return time.milliseconds <= deleted
    }

    /// Leaves a tombstone for every key.
    static func leave(
        _ keys: [IdentityKey], at now: Timestamp, effects: Effects, _ connection: any SQLConnection
    ) throws {
        guard !keys.isEmpty else { return }
        try connection.lock(saltSetting)
        var salt = try Settings.load(String.self, saltSetting, connection)
        if salt == nil {
            let fresh = effects.randomHex(bytes: saltBytes)
            try Settings.save(fresh, saltSetting, connection, at: now)
            salt = fresh
        }
        let bytes = Array((salt ?? "").utf8)
        try connection.executeMany(
            """
            INSERT INTO tombstones (identity_hash, deleted_ms) VALUES (?, ?)
            ON CONFLICT (identity_hash) DO UPDATE SET deleted_ms = excluded.deleted_ms
            """,
            keys.map { hash($0, salt: bytes) }.sorted().map { [.text($0), .integer(now.milliseconds)] })
    }

    /// HMAC-SHA-256 (RFC 2104) of kind and value.
    private static func hash(_ key: IdentityKey, salt: [UInt8]) -> String {
        let message = Array("\(key.kind)\u{1F}\(key.value)".utf8)
        return Digest.hexadecimal(Digest.hmac(message, key: salt))
    }
}
