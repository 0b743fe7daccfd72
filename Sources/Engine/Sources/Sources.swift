import Storage

/// Creating, finding and archiving sources.
package enum Sources {
    /// Adds a source with its first write key.
    /// Throws: `SourceError.badName`, `StorageError`.
    package static func create(
        name: String, kind: SourceKind, by actor: String, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> (source: Source, key: WriteKey) {
        let source = Source(
            id: effects.newID(), name: try normalised(name: name), kind: kind, createdAt: effects.now())
        try connection.execute(
            """
            INSERT INTO sources (id, name, kind, created_ms)
            VALUES (\(source.id), \(source.name), \(kind.rawValue), \(source.createdAt.milliseconds))
            """)
        try AuditLog.append(
            actor: actor, action: "source.create", subject: "source:\(source.id)",
            detail: "\(kind.rawValue) \(source.name)", connection, at: effects.now())
        return (source, try WriteKeys.issue(sourceID: source.id, by: actor, connection, effects))
    }

    /// All sources by name, archived ones last. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [Source] {
        try connection.query(
            """
            SELECT \(raw: Source.columns) FROM sources
            ORDER BY CASE WHEN archived_ms IS NULL THEN 0 ELSE 1 END, name, id
            """
        ).map(Source.init(row:))
    }

    /// Throws: `SourceError.notFound`, `StorageError`.
    package static func get(id: Int64, _ connection: any SQLConnection) throws -> Source {
        guard let row = try connection.first("SELECT \(raw: Source.columns) FROM sources WHERE id = \(id)") else {
            throw SourceError.notFound(id: id)
        }
        return try Source(row: row)
    }

    /// The living source of this name, if any. Throws: `StorageError`.
    package static func find(name: String, _ connection: any SQLConnection) throws -> Source? {
        try connection.first(
            """
            SELECT \(raw: Source.columns) FROM sources
            WHERE name = \(name) AND archived_ms IS NULL ORDER BY id LIMIT 1
            """
        ).map(Source.init(row:))
    }

    /// Throws: `SourceError.badName`, `.notFound`, `StorageError`.
    package static func rename(
        id: Int64, to name: String, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Source {
        var source = try get(id: id, connection)
        source.name = try normalised(name: name)
        try connection.execute("UPDATE sources SET name = \(source.name) WHERE id = \(id)")
        try AuditLog.append(
            actor: actor, action: "source.rename", subject: "source:\(id)", detail: source.name, connection, at: now)
        return source
    }

    /// Ends a source: its keys are revoked, what it sent stays. Safe to repeat.
    /// Throws: `SourceError.notFound`, `StorageError`.
    package static func archive(
        id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Source {
        var source = try get(id: id, connection)
        guard source.archivedAt == nil else { return source }
        source.archivedAt = now
        try connection.execute("UPDATE sources SET archived_ms = \(now.milliseconds) WHERE id = \(id)")
        try connection.execute(
            """
            UPDATE write_keys SET revoked_ms = \(now.milliseconds) WHERE source_id = \(id) AND revoked_ms IS NULL
            """)
        try AuditLog.append(
            actor: actor, action: "source.archive", subject: "source:\(id)", detail: source.name, connection, at: now)
        return source
    }

    private static func normalised(name: String) throws -> String {
        let title = Source.trimmed(name)
        guard !title.isEmpty, title.count <= SourceLimits.nameCharacters, !title.utf8.contains(0) else {
            throw SourceError.badName
        }
        return title
    }
}

extension Source {
    fileprivate static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
