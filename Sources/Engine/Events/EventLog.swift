import Storage

/// The append-only log: who writes to it, and in which order readers see it.
///
/// Positions become visible in order: every append holds one named lock until it commits (PostgreSQL would otherwise
/// let a reader pass a lower position that commits later; SQLite has one writer anyway).
package enum EventLog {
    /// How many shards the log is dealt into; a shard is what one processor leases.
    package static let shards: Int64 = 16

    static let insert = """
        INSERT INTO event_log (shard, source_id, message_id, kind, name, time_ms, received_ms, identities, properties, \
        traits, trait_operation, context) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static func append(_ rows: [[SQLValue]], to connection: any SQLConnection) throws {
        try connection.lock("event_log")
        try connection.executeMany(insert, rows)
        try note(rows, connection)
    }

    /// Appends rows and returns their positions, in their order; take the lock before. Throws: `StorageError`.
    ///
    /// Nobody else numbers events while the lock is held, so the positions follow each other up to the last. That spares
    /// SQLite a table for whatever a statement returns, and PostgreSQL a statement for every row.
    static func place(_ rows: [[SQLValue]], _ connection: any SQLConnection) throws -> [Int64] {
        guard !rows.isEmpty else { return [] }
        try connection.executeMany(insert, rows)
        let last = try placed(
            connection.first(connection.dialect == .sqlite ? "SELECT last_insert_rowid()" : "SELECT lastval()"))
        return rows.indices.map { last - Int64(rows.count - 1 - $0) }
    }

    /// The position in an answer.
    static func placed(_ row: SQLRow?) throws -> Int64 {
        guard let row else {
            throw StorageError.unexpectedValue(column: 0, expected: "a log position", found: "nothing")
        }
        return try row.int(0)
    }

    /// Tells the sources that something came, at most once a second each.
    private static func note(_ rows: [[SQLValue]], _ connection: any SQLConnection) throws {
        let (sourceColumn, receivedColumn) = (1, 6)
        var latest: [SQLValue: SQLValue] = [:]
        for row in rows { latest[row[sourceColumn]] = row[receivedColumn] }
        try connection.executeMany(
            """
            UPDATE sources SET last_event_ms = ?, first_event_ms = coalesce(first_event_ms, ?)
            WHERE id = ? AND coalesce(last_event_ms, 0) < ? - 1000
            """,
            latest.filter { $0.key != .integer(0) }.map { source, received in
                [received, received, source, received]
            })
    }

    /// The highest position, 0 for an empty log.
    package static func end(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT max(position) FROM event_log")?.intOrNil(0) ?? 0
    }

    /// Whether nothing was ever collected. A log that retention emptied has readers who passed something.
    package static func isUntouched(_ connection: any SQLConnection) throws -> Bool {
        guard try end(connection) == 0 else { return false }
        let passed = try connection.first("SELECT max(position) FROM log_consumers")?.intOrNil(0) ?? 0
        return passed == 0
    }

    /// Deals an event to a shard by its strongest claim, so that one person's events keep their order.
    static func shard(_ identities: [IdentityClaim]) -> Int64 {
        guard let first = identities.first else { return 0 }
        // FNV-1a, 64 bit (Fowler, Noll, Vo).
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in first.value.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int64(hash % UInt64(shards))
    }
}
