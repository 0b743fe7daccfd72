import Storage

extension MessageDispatcher {
    /// Brings back what waits for a moment that a clock which has gone back since gave it, in parts.
    ///
    /// What was to leave at once leaves at once, what is tried again waits as long as it was to wait, a broadcast keeps its
    /// pace, and what was asked for at a later moment waits for that one. Caps, quiet hours and gates are asked as each
    /// leaves. Throws: `StorageError`.
    func bringBack(at now: Timestamp) async throws {
        let (name, ahead) = (channel.name, ClockWatch.beyond(now))
        let found: SQL = """
            SELECT id FROM messages WHERE state = 'planned' AND channel = \(name) AND due_ms > \(ahead)
                AND updated_ms > \(ahead) LIMIT \(MessageLimits.broughtBack)
            """
        guard try await platform.store.read({ try $0.first(found) != nil }) else { return }
        while try await platform.store.write({ try Self.bringBack(found, at: now, $0) }) > 0 {
            try Task.checkCancellation()
        }
    }

    private static func bringBack(
        _ found: SQL, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Int {
        let ids = try connection.query("\(found)\(raw: connection.dialect.forUpdateSkipLocked)").map { try $0.int(0) }
        return try connection.execute(
            """
            UPDATE messages SET due_ms = CASE
                    WHEN asked_ms > planned_ms AND origin <> 'broadcast' AND asked_ms > \(now.milliseconds) THEN asked_ms
                    WHEN attempts > 0 AND due_ms > updated_ms THEN \(now.milliseconds) + due_ms - updated_ms
                    WHEN attempts = 0 AND asked_ms > planned_ms AND origin = 'broadcast'
                        THEN \(now.milliseconds) + asked_ms - planned_ms
                    ELSE CAST(\(now.milliseconds) AS BIGINT) END,
                timing = CASE WHEN timing = 'timed' THEN 'best_hour' ELSE timing END, updated_ms = \(now.milliseconds)
            WHERE id IN (\(list: ids)) AND state = 'planned'
            """)
    }
}
