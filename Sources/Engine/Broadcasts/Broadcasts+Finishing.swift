import Storage

/// A broadcast is finished once nothing of it waits, and goes on when something of it is put back.
extension Broadcasts {
    /// Broadcasts that one round looks at.
    private static let perRound = 1_000

    /// Whether a message of it waits or is leaving. Those planned last leave last, so that it is told by the first row while
    /// there are any. Throws: `StorageError`.
    package static func hasWaiting(_ id: Int64, _ connection: any SQLConnection) throws -> Bool {
        try connection.first(
            """
            SELECT id FROM messages WHERE origin = 'broadcast' AND origin_id = \(id) AND state IN ('planned', 'sending')
            ORDER BY planned_ms DESC, id DESC LIMIT 1
            """) != nil
    }

    /// Finishes those of which nothing waits any more. Returns how many. Throws: `StorageError`.
    @discardableResult
    static func finish(_ platform: Platform) async throws -> Int {
        let over = try await platform.store.read { connection in
            try connection.query(
                "SELECT id, updated_ms FROM broadcasts WHERE status = 'sending' ORDER BY id LIMIT \(perRound)"
            ).map { (id: try $0.int(0), updated: try $0.int(1)) }.filter { try !hasWaiting($0.id, connection) }
        }
        guard !over.isEmpty else { return 0 }
        let now = platform.effects.now().milliseconds
        return try await platform.store.write { connection in
            // What was put back in between has changed the broadcast.
            try connection.executeMany(
                """
                UPDATE broadcasts SET status = 'finished', updated_ms = ?
                WHERE id = ? AND status = 'sending' AND updated_ms = ?
                """, over.map { [.integer(now), .integer($0.id), .integer($0.updated)] }
            ).reduce(0, +)
        }
    }

    /// Messages of it wait again. Call it in the transaction that put them back. Throws: `StorageError`.
    static func reopen(byMessages ids: [Int64], at now: Timestamp, _ connection: any SQLConnection) throws {
        // Later than it was in any case: whoever is about to finish it sees that.
        let owners = try connection.queryMany(
            "SELECT origin_id FROM messages WHERE id = ? AND origin = 'broadcast'", ids.map { [.integer($0)] }
        ).joined().map { try $0.int(0) }
        try connection.executeMany(
            """
            UPDATE broadcasts SET status = 'sending', updated_ms = CASE WHEN updated_ms < ? THEN CAST(? AS BIGINT)
                ELSE updated_ms + 1 END WHERE id = ? AND status IN ('sending', 'finished')
            """,
            Set(owners).sorted().map {
                [.integer(now.milliseconds), .integer(now.milliseconds), .integer($0)]
            })
    }
}
