import Storage

/// What became of a message that a client sent.
package struct Receipt: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        /// In the log, durable, not yet applied.
        case pending
        case stored, blocked, failed
        /// Set aside; `reason` says why.
        case quarantined
    }

    package var messageID: String
    package var sourceID: Int64
    package var status: Status
    package var receivedAt: Timestamp
    /// How often the same message id came again and was not applied.
    package var duplicates: Int64 = 0
    /// Whom it was linked to, merges followed.
    package var profileID: Int64?
    package var reason: QuarantineReason?
    package var explanation: String?
    package var quarantineID: Int64?
}

/// Looks messages up by the id that their client gave them. One id may have come from several sources.
package enum Receipts {
    private static let receiptsMax = 50
    private static let mergeStepsMax = 32

    /// What is known of a message; empty when nothing is. Throws: `StorageError`.
    package static func find(messageID: String, _ connection: any SQLConnection) throws -> [Receipt] {
        let applied = try applied(messageID, connection)
        let known = Set(applied.map(\.sourceID))
        let pending = try pending(messageID, connection).filter { !known.contains($0.sourceID) }
        return Array((applied + pending + (try quarantined(messageID, connection))).prefix(receiptsMax))
    }

    /// Receipts are clustered by source, so each source is asked for the id.
    private static func applied(_ messageID: String, _ connection: any SQLConnection) throws -> [Receipt] {
        let rows = try connection.query(
            """
            SELECT r.source_id, r.received_ms, r.duplicates, o.profile_id, o.outcome
            FROM (SELECT id FROM sources UNION SELECT 0) s
            JOIN event_receipts r ON r.source_id = s.id AND r.message_id = \(messageID)
            LEFT JOIN event_outcomes o ON o.position = r.position ORDER BY r.received_ms DESC
            """)
        return try rows.map { row in
            let profile = try row.intOrNil(3) ?? 0
            return Receipt(
                messageID: messageID, sourceID: try row.int(0),
                status: Receipt.Status(rawValue: try row.textOrNil(4) ?? "") ?? .stored,
                receivedAt: Timestamp(milliseconds: try row.int(1)), duplicates: try row.int(2),
                profileID: profile == 0 ? nil : try living(profile, connection))
        }
    }

    /// Only the unprocessed end of the log is looked through.
    private static func pending(_ messageID: String, _ connection: any SQLConnection) throws -> [Receipt] {
        let processed = try LogProgress.processed(connection)
        let rows = try connection.query(
            """
            SELECT source_id, min(received_ms), count(*) FROM event_log e
            WHERE position > \(processed) AND message_id = \(messageID)
                AND NOT EXISTS (SELECT 1 FROM event_outcomes o WHERE o.position = e.position)
            GROUP BY source_id
            """)
        return try rows.map { row in
            Receipt(
                messageID: messageID, sourceID: try row.int(0), status: .pending,
                receivedAt: Timestamp(milliseconds: try row.int(1)), duplicates: try row.int(2) - 1)
        }
    }

    private static func quarantined(_ messageID: String, _ connection: any SQLConnection) throws -> [Receipt] {
        let rows = try connection.query(
            """
            SELECT source_id, received_ms, reason, explanation, id FROM quarantine
            WHERE message_id = \(messageID) AND status = 'waiting' ORDER BY id DESC LIMIT \(receiptsMax)
            """)
        return try rows.map { row in
            Receipt(
                messageID: messageID, sourceID: try row.int(0), status: .quarantined,
                receivedAt: Timestamp(milliseconds: try row.int(1)),
                reason: QuarantineReason(rawValue: try row.text(2)),
                explanation: try row.text(3), quarantineID: try row.int(4))
        }
    }

    /// The profile that holds what was linked to `id`, after merges.
    private static func living(_ id: Int64, _ connection: any SQLConnection) throws -> Int64 {
        var current = id
        for _ in 0..<mergeStepsMax {
            let row = try connection.first("SELECT merged_into FROM profiles WHERE id = \(current)")
            guard let next = try row?.intOrNil(0) else { return current }
            current = next
        }
        return current
    }
}
