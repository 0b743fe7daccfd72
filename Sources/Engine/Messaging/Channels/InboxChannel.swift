import Storage

/// The inbox in the brand's own app or site, which asks for it by the API, and in the member centre.
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
