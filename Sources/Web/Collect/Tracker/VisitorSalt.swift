import Engine
import Storage

/// A secret of one day. A visitor without storage is known by a hash of it, address and user agent; when the day is
/// over the secret is gone, and with it any way from the hash back to the address.
struct VisitorSalt: Codable, Sendable {
    var day: Int64
    var salt: String

    private static let setting = "visitor_salt"
    private static let bytes = 16

    /// Today's secret, made when it is the first time it is asked for. Throws: `StorageError`.
    static func today(_ zone: LocalCalendar, _ platform: Platform) async throws -> String {
        let now = platform.effects.now()
        let day = zone.day(of: now)
        let known = try await platform.store.read { try Settings.load(VisitorSalt.self, setting, $0) }
        if let known, known.day >= day { return known.salt }
        let fresh = VisitorSalt(day: day, salt: platform.effects.randomHex(bytes: bytes))
        return try await platform.store.write { connection in
            // Another process may have been faster.
            if let known = try Settings.load(VisitorSalt.self, setting, connection), known.day >= day {
                return known.salt
            }
            try Settings.save(fresh, setting, connection, at: now)
            return fresh.salt
        }
    }

    /// The visitor's id for today.
    static func visitor(_ visitor: Visitor, key: String, salt: String) -> String {
        "day-" + Digest.sha256(Array("\(salt)|\(key)|\(visitor.address)|\(visitor.userAgent)".utf8)).prefix(32)
    }
}
