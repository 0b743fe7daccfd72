import Storage

/// Decides which events of a batch are applied: the first with their message id, of each source.
enum MessageClaims {
    /// The events whose id nobody claimed before. The others are counted on the receipt of the first (at once on
    /// PostgreSQL, by the roll-up on SQLite) and get the outcome `duplicate`.
    static func fresh(
        _ draft: ProcessorDraft, _ connection: any SQLConnection
    ) throws -> [LoggedEvent] {
        let events = draft.events
        guard !events.isEmpty else { return [] }
        let isFresh = try draft.isFresh ?? insert(events, connection)
        guard isFresh.contains(false) else { return events }
        let repeated = zip(events, isFresh).filter { !$0.1 }.map(\.0)
        try EventOutcomes.write(repeated.map { ($0.position, 0, .duplicate) }, connection)
        return zip(events, isFresh).filter(\.1).map(\.0)
    }

    /// Frees the id of an event that could not be applied, so that it can be sent or replayed again.
    static func release(
        _ event: LoggedEvent, _ recent: RecentMessages, _ connection: any SQLConnection
    ) throws {
        recent.release(event)
        try connection.execute(
            """
            DELETE FROM event_receipts \
            WHERE source_id = \(event.sourceID) AND message_id = \(event.event.messageID)
            """)
    }

    /// Several processes share PostgreSQL, so the table itself decides who was first.
    private static func insert(_ events: [LoggedEvent], _ connection: any SQLConnection) throws -> [Bool] {
        let claimed = try connection.executeMany(
            ReceiptRows.insert, events.map { ReceiptRows.values($0.sourceID, $0.event.messageID, $0) })
        guard claimed.contains(0) else { return claimed.map { $0 > 0 } }
        let repeated = zip(events, claimed).filter { $0.1 == 0 }.map(\.0)
        try connection.executeMany(
            ReceiptRows.addRepeats,
            repeated.map { [.integer(1), .integer($0.sourceID), .text($0.event.messageID)] })
        return claimed.map { $0 > 0 }
    }
}

/// The statements that write `event_receipts`.
enum ReceiptRows {
    static let insert = """
        INSERT INTO event_receipts (source_id, message_id, position, received_ms) VALUES (?, ?, ?, ?) \
        ON CONFLICT DO NOTHING
        """
    static let addRepeats = """
        UPDATE event_receipts SET duplicates = duplicates + ? WHERE source_id = ? AND message_id = ?
        """

    static func values(_ sourceID: Int64, _ messageID: String, _ event: LoggedEvent) -> [SQLValue] {
        [.integer(sourceID), .text(messageID), .integer(event.position), .integer(event.event.receivedAt.milliseconds)]
    }
}
