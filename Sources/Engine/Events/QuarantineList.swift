import Storage

/// Where a quarantined item is in its life.
package enum QuarantineStatus: String, Sendable, Codable, CaseIterable {
    case waiting, replayed, discarded
}

/// One item that was set aside, as it is listed.
package struct QuarantinedItem: Sendable, Equatable {
    package var id: Int64
    package var sourceID: Int64
    package var messageID: String?
    /// The collector that can read `raw` again.
    package var dialect: String
    package var reason: QuarantineReason
    package var explanation: String
    package var receivedAt: Timestamp
    package var status: QuarantineStatus
    package var resolvedAt: Timestamp?
    /// The bytes as received; empty in lists.
    package var raw: [UInt8] = []
}

/// What can be wrong with a request about a quarantined item.
package enum QuarantineError: Error, Sendable, Equatable {
    case notFound(id: Int64)
    /// It was replayed or discarded before.
    case notWaiting(id: Int64, status: QuarantineStatus)
    /// Read again, it is still no event.
    case stillBad(reason: QuarantineReason, explanation: String)
}

/// Looking at what was set aside, and deciding about it. An item is replayed at most once: the change of its status and
/// the append to the log are one transaction.
package enum QuarantineList {
    package static let pageMax = 200

    /// Items, newest first: at most `limit` with an id below `before`. Throws: `StorageError`.
    package static func page(
        status: QuarantineStatus?, sourceID: Int64? = nil, reason: QuarantineReason? = nil, before: Int64?, limit: Int,
        _ connection: any SQLConnection
    ) throws -> [QuarantinedItem] {
        var sql: SQL = "SELECT \(raw: columns), '' FROM quarantine WHERE id < \(before ?? .max)"
        if let status { sql += " AND status = \(status.rawValue)" }
        if let sourceID { sql += " AND source_id = \(sourceID)" }
        if let reason { sql += " AND reason = \(reason.rawValue)" }
        sql += " ORDER BY id DESC LIMIT \(min(limit, pageMax))"
        return try connection.query(sql).map { try item($0) }
    }

    /// How many items wait, by reason. Throws: `StorageError`.
    package static func waiting(_ connection: any SQLConnection) throws -> [QuarantineReason: Int64] {
        let rows = try connection.query(
            "SELECT reason, count(*) FROM quarantine WHERE status = 'waiting' GROUP BY reason")
        return try rows.reduce(into: [:]) { counts, row in
            if let reason = QuarantineReason(rawValue: try row.text(0)) { counts[reason] = try row.int(1) }
        }
    }

    /// One item with its bytes. Throws: `QuarantineError.notFound`, `StorageError`.
    package static func get(id: Int64, _ connection: any SQLConnection) throws -> QuarantinedItem {
        guard let row = try connection.first("SELECT \(raw: columns), raw FROM quarantine WHERE id = \(id)") else {
            throw QuarantineError.notFound(id: id)
        }
        var found = try item(row)
        found.raw = try row.blob(9)
        return found
    }

    /// Decides that an item is not wanted. Throws: `QuarantineError.notFound`, `.notWaiting`, `StorageError`.
    package static func discard(
        id: Int64, by actor: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        try resolve(id: id, as: .discarded, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "quarantine.discard", subject: "quarantine:\(id)", detail: "", connection, at: now)
    }

    /// Appends what an item was read as now, and marks it replayed, in the caller's transaction.
    ///
    /// Throws: `QuarantineError.stillBad` when nothing of it became an event, `.notWaiting`, `.notFound`,
    /// `StorageError`.
    package static func replay(
        id: Int64, as batch: IncomingBatch, by actor: String, _ connection: any SQLConnection, _ effects: Effects
    ) throws {
        if batch.events.isEmpty {
            let first = batch.rejected.first
            throw QuarantineError.stillBad(
                reason: first?.reason ?? .malformedJSON, explanation: first?.explanation ?? "It holds no event.")
        }
        let now = effects.now()
        try resolve(id: id, as: .replayed, connection, at: now)
        let rows = LogRows(batch, effects: effects)
        if !rows.rejected.isEmpty { try connection.executeMany(LogRows.insertRejected, rows.rejected) }
        try EventLog.append(rows.events, to: connection)
        try AuditLog.append(
            actor: actor, action: "quarantine.replay", subject: "quarantine:\(id)", detail: "\(batch.events.count)",
            connection, at: now)
    }

    private static let columns = """
        id, source_id, message_id, dialect, reason, explanation, received_ms, status, resolved_ms
        """

    private static func resolve(
        id: Int64, as status: QuarantineStatus, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let changed = try connection.execute(
            """
            UPDATE quarantine SET status = \(status.rawValue), resolved_ms = \(now.milliseconds)
            WHERE id = \(id) AND status = 'waiting'
            """)
        if changed == 0 { throw QuarantineError.notWaiting(id: id, status: try get(id: id, connection).status) }
    }

    private static func item(_ row: SQLRow) throws -> QuarantinedItem {
        QuarantinedItem(
            id: try row.int(0), sourceID: try row.int(1), messageID: try row.textOrNil(2), dialect: try row.text(3),
            reason: QuarantineReason(rawValue: try row.text(4)) ?? .malformedJSON, explanation: try row.text(5),
            receivedAt: Timestamp(milliseconds: try row.int(6)),
            status: QuarantineStatus(rawValue: try row.text(7)) ?? .waiting,
            resolvedAt: try row.intOrNil(8).map(Timestamp.init(milliseconds:)))
    }
}
