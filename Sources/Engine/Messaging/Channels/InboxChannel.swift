import Storage

/// The inbox in the brand's own app or site, which asks for it by the API.
package struct InboxChannel: MessageChannel {
    package let name = "inbox"
    /// People find it where they are already; they can leave its topics.
    package let needsConsent = false

    package init() {}

    package func bounds(_ connection: any SQLConnection) throws -> ChannelBounds { ChannelBounds() }

    package func address(of person: RecipientFacts, _ connection: any SQLConnection) -> String? {
        String(person.profileID)
    }

    package func send(_ messages: [OutgoingMessage], _ platform: Platform) async -> [MessageOutcome] {
        let now = platform.effects.now().milliseconds
        let rows = messages.map { message -> [SQLValue] in
            [
                .integer(message.id), .integer(message.profileID), .text(message.subject), .text(message.text),
                .text(message.link), .integer(now),
            ]
        }
        do {
            _ = try await platform.store.write { connection in
                try connection.executeMany(
                    """
                    INSERT INTO inbox_items (message_id, profile_id, title, body, link, created_ms)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO NOTHING
                    """, rows)
            }
            return messages.map { _ in .delivered }
        } catch {
            return messages.map { _ in .retry(reason: "store", detail: String("\(error)".prefix(200))) }
        }
    }
}

/// What a person finds in their inbox.
package struct InboxItem: Sendable, Equatable {
    package var id: Int64
    package var title: String
    package var body: String
    package var link: String
    package var createdAt: Timestamp
    package var readAt: Timestamp?

    /// The newest first. `before`: when the one before came, and its id. Throws: `StorageError`.
    package static func list(
        _ profileID: Int64, before: (ms: Int64, id: Int64)?, limit: Int, _ connection: any SQLConnection
    ) throws -> [InboxItem] {
        var sql: SQL = """
            SELECT message_id, title, body, link, created_ms, read_ms FROM inbox_items WHERE profile_id = \(profileID)
            """
        if let before {
            sql += " AND (created_ms < \(before.ms) OR created_ms = \(before.ms) AND message_id < \(before.id))"
        }
        sql += " ORDER BY created_ms DESC, message_id DESC LIMIT \(limit)"
        return try connection.query(sql).map { row in
            InboxItem(
                id: try row.int(0), title: try row.text(1), body: try row.text(2), link: try row.text(3),
                createdAt: Timestamp(milliseconds: try row.int(4)),
                readAt: try row.intOrNil(5).map(Timestamp.init(milliseconds:)))
        }
    }

    /// Read by the person: the message counts as opened. Read again it stays as it is.
    /// Throws: `MessageError.notFound`, `StorageError`.
    package static func read(
        _ id: Int64, of profileID: Int64, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let now = effects.now()
        let found = try connection.first(
            "SELECT read_ms FROM inbox_items WHERE message_id = \(id) AND profile_id = \(profileID)")
        guard let found else { throw MessageError.notFound(id) }
        guard try found.intOrNil(0) == nil else { return }
        try connection.execute("UPDATE inbox_items SET read_ms = \(now.milliseconds) WHERE message_id = \(id)")
        try MessageProgress.opened(id, isPerson: true, effects, connection)
    }
}
