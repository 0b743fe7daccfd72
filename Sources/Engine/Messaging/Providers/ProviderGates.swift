import Storage

/// What of a provider is closed at the moment: its channel, its account, templates.
package enum ProviderGates {
    /// Throws: `StorageError`.
    package static func load(
        _ provider: any MessageProvider, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [MessageGate] {
        let templates = try connection.query(
            """
            SELECT t.id FROM message_templates t JOIN message_gates g ON g.scope = 'template:' || CAST(t.id AS TEXT)
            WHERE t.channel = \(provider.channel) AND g.closed_until_ms > \(now.milliseconds) ORDER BY t.id LIMIT 50
            """
        ).map { MessageClosure.template.scope(channel: provider.channel, account: nil, template: try $0.int(0)) }
        let scopes = [
            provider.channel,
            MessageClosure.account.scope(channel: provider.channel, account: provider.name, template: 0),
        ]
        return try (scopes + templates).compactMap { try MessageGate.load($0, connection) }
            .filter { $0.closedUntil.map { $0 > now } ?? false }
    }

    /// Opens all of them by hand. Throws: `StorageError`.
    package static func open(
        _ provider: any MessageProvider, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        for gate in try load(provider, at: now, connection) { try MessageGate.open(gate.scope, connection) }
    }
}
