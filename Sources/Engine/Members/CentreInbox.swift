import Storage

/// What members do with the messages in their inbox. What they read counts as what is read over the API does.
package enum CentreInbox {
    /// Opened by the member. Throws: `CentreError`, `MessageError.notFound`, `StorageError`.
    package static func read(_ id: Int64, _ session: CentreSession, _ platform: Platform) async throws {
        try await change(session, platform) { effects, connection in
            try InboxItem.read(id, of: session.profileID, effects, connection)
        }
    }

    /// Marks as read what had come by a moment: when the page was made. Throws: `CentreError`, `StorageError`.
    package static func markRead(
        until moment: Timestamp, _ session: CentreSession, _ platform: Platform
    ) async throws {
        try await change(session, platform) { effects, connection in
            try InboxItem.markRead(session.profileID, until: moment, effects, connection)
        }
    }

    private static func change(
        _ session: CentreSession, _ platform: Platform,
        _ body: @escaping @Sendable (Effects, any SQLConnection) throws -> Void
    ) async throws {
        try session.requireWriting()
        let effects = platform.effects
        try await platform.store.write { connection in
            try CentreSettings.required(connection).require(.inbox)
            try CentreThrottle.take(.write, session.profileID, at: effects.now(), connection)
            try body(effects, connection)
        }
    }
}
