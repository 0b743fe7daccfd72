import Storage

/// A key that clients send with every event; public by nature, it ships in web pages and apps.
package struct WriteKey: Sendable, Equatable {
    package var key: String
    package var sourceID: Int64
    package var createdAt: Timestamp
    package var revokedAt: Timestamp?
    /// When clients last used it, to the minute; nil when never, or before this was noted.
    package var lastUsedAt: Timestamp?
}

extension WriteKey {
    static let columns = "write_key, source_id, created_ms, revoked_ms, last_used_ms"

    init(row: SQLRow) throws {
        self.init(
            key: try row.text(0), sourceID: try row.int(1), createdAt: Timestamp(milliseconds: try row.int(2)),
            revokedAt: try row.intOrNil(3).map(Timestamp.init(milliseconds:)),
            lastUsedAt: try row.intOrNil(4).map(Timestamp.init(milliseconds:)))
    }
}

/// Issuing and revoking write keys.
package enum WriteKeys {
    /// Adds a live key to a source, beside those it has.
    /// Throws: `SourceError.notFound`, `.archived`, `.tooManyKeys`, `StorageError`.
    package static func issue(
        sourceID: Int64, by actor: String, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> WriteKey {
        let source = try Sources.get(id: sourceID, connection)
        guard source.archivedAt == nil else { throw SourceError.archived(id: sourceID) }
        let live = try connection.first(
            "SELECT count(*) FROM write_keys WHERE source_id = \(sourceID) AND revoked_ms IS NULL")
        guard try live?.int(0) ?? 0 < SourceLimits.liveKeys else { throw SourceError.tooManyKeys }
        let key = WriteKey(
            key: "wk_" + effects.randomHex(bytes: 16), sourceID: sourceID, createdAt: effects.now())
        try insert(key, connection)
        try AuditLog.append(
            actor: actor, action: "write_key.issue", subject: "source:\(sourceID)", detail: String(key.key.prefix(9)),
            connection, at: effects.now())
        return key
    }

    /// The keys of a source, the newest first. Throws: `StorageError`.
    package static func list(sourceID: Int64, _ connection: any SQLConnection) throws -> [WriteKey] {
        try connection.query(
            """
            SELECT \(raw: WriteKey.columns) FROM write_keys WHERE source_id = \(sourceID)
            ORDER BY created_ms DESC, write_key
            """
        ).map(WriteKey.init(row:))
    }

    /// The keys of every source, the newest first. Throws: `StorageError`.
    package static func all(_ connection: any SQLConnection) throws -> [WriteKey] {
        try connection.query(
            """
            SELECT \(raw: WriteKey.columns) FROM write_keys ORDER BY created_ms DESC, write_key
            LIMIT \(SourceLimits.cachedKeys)
            """
        ).map(WriteKey.init(row:))
    }

    /// Ends a key; collectors refuse it within `WriteKeyCache.refreshMilliseconds`. Safe to repeat.
    /// Throws: `SourceError.unknownWriteKey`, `StorageError`.
    @discardableResult
    package static func revoke(
        key: String, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> WriteKey {
        let row = try connection.first("SELECT \(raw: WriteKey.columns) FROM write_keys WHERE write_key = \(key)")
        guard let row else { throw SourceError.unknownWriteKey }
        var found = try WriteKey(row: row)
        guard found.revokedAt == nil else { return found }
        found.revokedAt = now
        try connection.execute("UPDATE write_keys SET revoked_ms = \(now.milliseconds) WHERE write_key = \(key)")
        try AuditLog.append(
            actor: actor, action: "write_key.revoke", subject: "source:\(found.sourceID)",
            detail: String(key.prefix(9)),
            connection, at: now)
        return found
    }

    /// Notes that clients used a key; an older moment changes nothing. Throws: `StorageError`.
    static func noteUse(of key: String, at moment: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE write_keys SET last_used_ms = \(moment.milliseconds)
            WHERE write_key = \(key) AND (last_used_ms IS NULL OR last_used_ms < \(moment.milliseconds))
            """)
    }

    private static func insert(_ key: WriteKey, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO write_keys (write_key, source_id, created_ms)
            VALUES (\(key.key), \(key.sourceID), \(key.createdAt.milliseconds))
            """)
    }
}
