import Storage

/// Browsers that may be pushed to. A subscription belongs to the visitor's identity, not to a profile, so it follows
/// every merge and its undoing by itself.
package enum PushSubscriptions {
    package static let endpointBytes = 1_000
    /// Of one visitor; the oldest go.
    static let perVisitorMax = 5
    /// Of one person: as many browsers are pushed to.
    static let perPersonMax = 10

    package enum Failure: Error, Sendable, Equatable {
        case badEndpoint
        case badKeys
        case noVisitor
    }

    /// What a browser hands over, taken apart strictly. Throws: `Failure`.
    package static func target(_ subscription: JSONValue?) throws -> PushTarget {
        guard let endpoint = subscription?["endpoint"]?.stringValue, endpoint.utf8.count <= endpointBytes,
            OutgoingAddress(endpoint) != nil
        else { throw Failure.badEndpoint }
        let keys = subscription?["keys"]
        guard let point = keys?["p256dh"]?.stringValue.flatMap(Base64URL.bytes), point.count == 65, point[0] == 4,
            let secret = keys?["auth"]?.stringValue.flatMap(Base64URL.bytes), secret.count == 16
        else { throw Failure.badKeys }
        return PushTarget(endpoint: endpoint, point: point, secret: secret)
    }

    /// Keeps a subscription; one that is there already changes hands. `replacing`: the endpoint that it takes the place of,
    /// whose visitor it has unless another is told. Returns whose it is, and whether it is new.
    /// Throws: `Failure`, `StorageError`.
    package static func add(
        _ target: PushTarget, visitor: String, replacing old: String?, source: Int64, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (visitor: String, isNew: Bool) {
        var owner = visitor
        if owner.isEmpty, let old {
            owner =
                try connection.first(
                    "SELECT visitor FROM push_subscriptions WHERE endpoint_hash = \(hash(old))")?.text(0) ?? ""
        }
        guard !owner.isEmpty, owner != "cookieless", owner.utf8.count <= IdentityKind.valueBytes else {
            throw Failure.noVisitor
        }
        if let old { try remove(old, connection) }
        let (now, key) = (effects.now().milliseconds, hash(target.endpoint))
        let known = try connection.first("SELECT visitor FROM push_subscriptions WHERE endpoint_hash = \(key)")
        try connection.execute(
            """
            INSERT INTO push_subscriptions (endpoint_hash, endpoint, point, secret, visitor, source_id, created_ms, seen_ms)
            VALUES (\(key), \(target.endpoint), \(Base64URL.text(target.point)), \(Base64URL.text(target.secret)),
                \(owner), \(source), \(now), \(now))
            ON CONFLICT (endpoint_hash) DO UPDATE SET point = excluded.point, secret = excluded.secret,
                visitor = excluded.visitor, source_id = excluded.source_id, seen_ms = excluded.seen_ms
            """)
        try connection.execute(
            """
            DELETE FROM push_subscriptions WHERE visitor = \(owner) AND endpoint_hash NOT IN (
                SELECT endpoint_hash FROM push_subscriptions WHERE visitor = \(owner)
                ORDER BY seen_ms DESC, endpoint_hash LIMIT \(perVisitorMax))
            """)
        return (owner, known == nil && old == nil)
    }

    /// Returns whose it was; nil: it was not there. Throws: `StorageError`.
    @discardableResult
    package static func remove(_ endpoint: String, _ connection: any SQLConnection) throws -> String? {
        let key = hash(endpoint)
        let owner = try connection.first("SELECT visitor FROM push_subscriptions WHERE endpoint_hash = \(key)")
        guard let owner else { return nil }
        try connection.execute("DELETE FROM push_subscriptions WHERE endpoint_hash = \(key)")
        return try owner.text(0)
    }

    /// The browsers of a person, the last seen first. Throws: `StorageError`.
    static func of(_ profile: Int64, _ connection: any SQLConnection) throws -> [PushTarget] {
        try connection.query(
            """
            SELECT s.endpoint, s.point, s.secret FROM push_subscriptions s
            JOIN identities i ON i.kind = 'anonymous_id' AND i.value = s.visitor
            WHERE i.profile_id = \(profile) ORDER BY s.seen_ms DESC, s.endpoint_hash LIMIT \(perPersonMax)
            """
        ).compactMap { row in
            guard let point = Base64URL.bytes(try row.text(1)), let secret = Base64URL.bytes(try row.text(2)) else {
                return nil
            }
            return PushTarget(endpoint: try row.text(0), point: point, secret: secret)
        }
    }

    /// How many there are. Throws: `StorageError`.
    static func count(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT count(*) FROM push_subscriptions")?.int(0) ?? 0
    }

    /// Before the identities of erased people go. Throws: `StorageError`.
    static func forget(_ ids: [Int64], _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            DELETE FROM push_subscriptions WHERE visitor IN (
                SELECT value FROM identities WHERE kind = 'anonymous_id' AND profile_id IN (\(list: ids)))
            """)
    }

    private static func hash(_ endpoint: String) -> String { Digest.sha256(Array(endpoint.utf8)) }
}
