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
        var receipts = try applied(messageID, connection)
        for recent in try recent(messageID, connection) {
            if let index = receipts.firstIndex(where: { $0.sourceID == recent.first.sourceID }) {
                receipts[index].duplicates += recent.repeats + (recent.isFirstOfAll ? 0 : 1)
            } else {
                var receipt = recent.first
                receipt.duplicates = recent.repeats
                receipts.append(receipt)
            }
        }
        return Array((receipts + (try quarantined(messageID, connection))).prefix(receiptsMax))
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

    /// What one source sent under the id, in the end of the log that has no receipts yet.
    private struct Recent {
        var first: Receipt
        var repeats: Int64
        /// False when even the first of these was sent before.
        var isFirstOfAll: Bool
    }

    /// Only the end of the log is looked through: what the roll-up (on PostgreSQL: the processor) has not passed.
    private static func recent(_ messageID: String, _ connection: any SQLConnection) throws -> [Recent] {
        let border =
            switch connection.dialect {
            case .sqlite: try LogProgress.rolledUp(connection)
            case .postgresql: try LogProgress.processed(connection)
            }
        let rows = try connection.query(
            """
            SELECT e.source_id, e.received_ms, o.profile_id, o.outcome FROM event_log e
            LEFT JOIN event_outcomes o ON o.position = e.position
            WHERE e.position > \(border) AND e.message_id = \(messageID) AND e.kind <> 'system' ORDER BY e.position
            """)
        var bySource: [Int64: Recent] = [:]
        for row in rows {
            let outcome = try row.textOrNil(3)
            let source = try row.int(0)
            let isRepeat = outcome == EventOutcome.duplicate.rawValue
            if outcome == EventOutcome.failed.rawValue { continue }
            if bySource[source] != nil {
                bySource[source]?.repeats += 1
                continue
            }
            let profile = try row.intOrNil(2) ?? 0
            let receipt = Receipt(
                messageID: messageID, sourceID: source,
                status: outcome.map { Receipt.Status(rawValue: $0) ?? .stored } ?? .pending,
                receivedAt: Timestamp(milliseconds: try row.int(1)),
                profileID: profile == 0 ? nil : try living(profile, connection))
            bySource[source] = Recent(first: receipt, repeats: 0, isFirstOfAll: !isRepeat)
        }
        return bySource.values.sorted { $0.first.receivedAt > $1.first.receivedAt }
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
