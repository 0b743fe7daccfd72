import Storage

/// A secret key of the API, as it is listed; the secret itself is shown once and kept only as its SHA-256.
package struct APIKey: Sendable, Equatable {
    package var id: Int64
    package var name: String
    /// The first characters of the secret, by which its owner recognises it.
    package var prefix: String
    package var scopes: Set<APIScope>
    package var createdAt: Timestamp
    package var lastUsedAt: Timestamp?
    package var revokedAt: Timestamp?

    /// How the key is named in the audit log.
    package var actor: String { "key:\(id)" }
}

/// What can be wrong with a request for a secret key.
package enum APIKeyError: Error, Sendable, Equatable {
    /// Empty, or longer than `APIKeys.nameCharacters`.
    case badName
    case noScopes
    case notFound(id: Int64)
}

/// Creating, recognising and revoking secret keys.
package enum APIKeys {
    package static let nameCharacters = 80
    /// The time of last use is written at most this often.
    private static let lastUsedMilliseconds: Int64 = 60_000
    private static let prefixCharacters = 10
    private static let columns = "id, name, prefix, scopes, created_ms, last_used_ms, revoked_ms"

    /// Makes a key. The secret is in the answer only; nobody can show it again.
    /// Throws: `APIKeyError.badName`, `.noScopes`, `StorageError`.
    package static func create(
        name: String, scopes: Set<APIScope>, by actor: String, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> (key: APIKey, secret: String) {
        guard !name.allSatisfy(\.isWhitespace), name.count <= nameCharacters, !name.utf8.contains(0) else {
            throw APIKeyError.badName
        }
        guard !scopes.isEmpty else { throw APIKeyError.noScopes }
        let secret = "pk_" + SecretToken(effects: effects).text
        let key = APIKey(
            id: effects.newID(), name: name, prefix: String(secret.prefix(prefixCharacters)), scopes: scopes,
            createdAt: effects.now())
        try connection.execute(
            """
            INSERT INTO api_keys (id, name, key_hash, prefix, scopes, created_ms)
            VALUES (\(key.id), \(name), \(SecretToken.hash(secret)), \(key.prefix), \(text(of: scopes)),
                \(key.createdAt.milliseconds))
            """)
        try AuditLog.append(
            actor: actor, action: "api_key.create", subject: key.actor, detail: text(of: scopes), connection,
            at: effects.now())
        return (key, secret)
    }

    /// Makes the next key with the name and the scopes of another, which lives on until it is revoked: programs change
    /// over without a gap. Throws: `APIKeyError.notFound` also for a revoked one, `StorageError`.
    package static func rotate(
        id: Int64, by actor: String, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> (key: APIKey, secret: String) {
        let row = try connection.first(
            "SELECT \(raw: columns) FROM api_keys WHERE id = \(id) AND revoked_ms IS NULL")
        guard let row else { throw APIKeyError.notFound(id: id) }
        let old = try key(row)
        return try create(name: old.name, scopes: old.scopes, by: actor, connection, effects)
    }

    /// All keys, living ones first, then the newest. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [APIKey] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM api_keys
            ORDER BY CASE WHEN revoked_ms IS NULL THEN 0 ELSE 1 END, id DESC
            """
        ).map(key)
    }

    /// Ends a key at once. Safe to repeat. Throws: `APIKeyError.notFound`, `StorageError`.
    @discardableResult
    package static func revoke(
        id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> APIKey {
        guard let row = try connection.first("SELECT \(raw: columns) FROM api_keys WHERE id = \(id)") else {
            throw APIKeyError.notFound(id: id)
        }
        var found = try key(row)
        guard found.revokedAt == nil else { return found }
        found.revokedAt = now
        try connection.execute("UPDATE api_keys SET revoked_ms = \(now.milliseconds) WHERE id = \(id)")
        try AuditLog.append(
            actor: actor, action: "api_key.revoke", subject: found.actor, detail: found.prefix, connection, at: now)
        return found
    }

    /// The living key whose secret this is; nil for all else. Notes the use, at most once a minute.
    /// Throws: `StorageError`.
    package static func authenticate(secret: String, platform: Platform) async throws -> APIKey? {
        guard secret.hasPrefix("pk_") else { return nil }
        let hash = SecretToken.hash(secret)
        let found = try await platform.store.read { connection in
            try connection.first(
                "SELECT \(raw: columns) FROM api_keys WHERE key_hash = \(hash) AND revoked_ms IS NULL"
            ).map(key)
        }
        guard let found else { return nil }
        let now = platform.effects.now()
        if now.milliseconds - (found.lastUsedAt?.milliseconds ?? 0) > lastUsedMilliseconds {
            await noteUse(of: found.id, at: now, platform)
        }
        return found
    }

    /// A note only: a store that cannot be written to now must not keep readers out.
    private static func noteUse(of id: Int64, at now: Timestamp, _ platform: Platform) async {
        do {
            try await platform.store.write { connection in
                _ = try connection.execute("UPDATE api_keys SET last_used_ms = \(now.milliseconds) WHERE id = \(id)")
            }
        } catch {
            platform.logger.warning("The use of an API key could not be noted", metadata: ["error": "\(error)"])
        }
    }

    private static func text(of scopes: Set<APIScope>) -> String {
        scopes.map(\.rawValue).sorted().joined(separator: " ")
    }

    /// Scopes that this version does not know are passed over.
    private static func key(_ row: SQLRow) throws -> APIKey {
        APIKey(
            id: try row.int(0), name: try row.text(1), prefix: try row.text(2),
            scopes: Set(try row.text(3).split(separator: " ").compactMap { APIScope(rawValue: String($0)) }),
            createdAt: Timestamp(milliseconds: try row.int(4)),
            lastUsedAt: try row.intOrNil(5).map(Timestamp.init(milliseconds:)),
            revokedAt: try row.intOrNil(6).map(Timestamp.init(milliseconds:)))
    }
}
