import Storage

/// Forgets messages that are older than the brand wants to keep, with what people found in their inbox and what they
/// answered. Their counts stay with the journey or broadcast that they came from, so that reports keep their figures.
///
/// A message that was asked for by the API stays as an empty row: its key stands once, for ever. Links in messages work
/// for ever anyway, since they say themselves what they lead to.
enum MessageRetention {
    private static let chunk = 1_000

    static let handler = JobHandler(kind: "message_retention", schedule: .daily(hour: 4, minute: 50)) { context in
        let now = context.platform.effects.now()
        let days = try await context.platform.store.read { try RetentionSettings.load($0).messageDays }
        guard let days else { return try StoredDocument.text(["messages": 0]) }
        let before = now.adding(days: -days).milliseconds
        var forgotten = 0
        while true {
            let count = try await context.write { try forget(before: before, at: now, $0) }
            forgotten += count
            if count < chunk { break }
        }
        try await context.write { connection in
            try connection.execute("DELETE FROM inbox_items WHERE created_ms < \(before)")
            try connection.execute("DELETE FROM message_replies WHERE at_ms < \(before)")
        }
        return try StoredDocument.text(["messages": forgotten])
    }

    /// One part, oldest first. Returns how many.
    private static func forget(before: Int64, at now: Timestamp, _ connection: any SQLConnection) throws -> Int {
        let rows = try connection.query(
            """
            SELECT id, origin, origin_id, channel, state, reason, eligible_ms, sent_ms, delivered_ms, opened_ms, clicked_ms,
                scanned_ms FROM messages WHERE planned_ms < \(before) AND state NOT IN ('planned', 'sending')
                AND NOT (origin = 'api' AND event_values = '{}' AND address = '' AND subject = '' AND detail = '')
            ORDER BY planned_ms, id LIMIT \(chunk)
            """)
        var totals: [Place: Int64] = [:]
        var (gone, kept): ([Int64], [Int64]) = ([], [])
        for row in rows {
            let origin = try row.text(1)
            guard origin != "api" else {
                kept.append(try row.int(0))
                continue
            }
            gone.append(try row.int(0))
            for figure in try figures(row) {
                totals[Place(origin: origin, id: try row.int(2), figure: figure), default: 0] += 1
            }
        }
        try connection.executeMany(
            """
            INSERT INTO message_totals (origin, origin_id, figure, messages) VALUES (?, ?, ?, ?)
            ON CONFLICT (origin, origin_id, figure) DO UPDATE SET messages = message_totals.messages + excluded.messages
            """,
            totals.sorted { $0.key < $1.key }.map { place, count in
                [.text(place.origin), .integer(place.id), .text(place.figure), .integer(count)]
            })
        try connection.execute("DELETE FROM messages WHERE id IN (\(list: gone))")
        try connection.execute(
            """
            UPDATE messages SET address = '', subject = '', event_values = '{}', detail = '',
                updated_ms = \(now.milliseconds) WHERE id IN (\(list: kept))
            """)
        return rows.count
    }

    private struct Place: Hashable, Comparable {
        var origin: String
        var id: Int64
        var figure: String

        static func < (left: Place, right: Place) -> Bool {
            (left.origin, left.id, left.figure) < (right.origin, right.id, right.figure)
        }
    }

    private static func figures(_ row: SQLRow) throws -> [String] {
        let (state, reason) = (try row.text(4), try row.text(5))
        var figures = ["planned", "state:" + state]
        if state == SentMessage.State.suppressed.rawValue { figures.append("suppressed:" + reason) }
        for (column, name) in [
            (6, "eligible"), (7, "sent"), (8, "delivered"), (9, "opened"), (10, "clicked"), (11, "scanned"),
        ] where try row.intOrNil(column) != nil { figures.append(name) }
        if try row.intOrNil(7) != nil { figures.append("channel:" + (try row.text(3))) }
        return figures
    }

    /// What was counted of messages that are forgotten, of one journey or broadcast as a whole; empty where the filter asks
    /// for a part. Throws: `StorageError`.
    static func totals(
        _ filter: MessageList.Filter, _ connection: any SQLConnection
    ) throws -> [String: Int64] {
        guard filter.isWhole, let id = filter.originID else { return [:] }
        let rows = try connection.query(
            "SELECT figure, messages FROM message_totals WHERE origin = \(filter.origin) AND origin_id = \(id)")
        return Dictionary(try rows.map { (try $0.text(0), try $0.int(1)) }, uniquingKeysWith: +)
    }
}
