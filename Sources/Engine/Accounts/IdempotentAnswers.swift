import Storage

/// Answers to writes that carried an `Idempotency-Key`, so that a repeated request does nothing twice.
///
/// A key is first reserved, in a transaction of its own, and answered when the work is done. A reservation whose
/// process died is taken over after `abandonedMilliseconds`. After `keepHours` a key is free again, and a daily job
/// drops its answer (`AccountRetention`).
package enum IdempotentAnswers {
    /// What a request with a key meets.
    package enum Claim: Sendable, Equatable {
        /// The first of its kind: do the work, then `store` or `release`.
        case reserved
        case stored(status: Int, response: String)
        /// The same key came with another request before.
        case mismatch
        /// The first request is still at work.
        case busy
    }

    package static let keyCharacters = 255
    /// How long an answer is kept for repeats, from the first request on.
    package static let keepHours = 24
    private static let abandonedMilliseconds: Int64 = 120_000
    private static let pendingStatus: Int64 = 0

    /// Throws: `StorageError`.
    package static func claim(
        caller: String, key: String, requestHash: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Claim {
        let oldest = now.milliseconds - abandonedMilliseconds
        let expired = expiry(at: now).milliseconds
        try connection.execute(
            """
            DELETE FROM idempotency_keys WHERE caller = \(caller) AND idempotency_key = \(key)
                AND (created_ms < \(expired) OR (status = \(pendingStatus) AND created_ms < \(oldest)))
            """)
        let added = try connection.execute(
            """
            INSERT INTO idempotency_keys (caller, idempotency_key, request_hash, status, response, created_ms)
            VALUES (\(caller), \(key), \(requestHash), \(pendingStatus), '', \(now.milliseconds))
            ON CONFLICT DO NOTHING
            """)
        if added == 1 { return .reserved }
        let row = try connection.first(
            """
            SELECT request_hash, status, response FROM idempotency_keys
            WHERE caller = \(caller) AND idempotency_key = \(key)
            """)
        guard let row else { return .busy }
        if try row.text(0) != requestHash { return .mismatch }
        let status = try row.int(1)
        return status == pendingStatus ? .busy : .stored(status: Int(status), response: try row.text(2))
    }

    /// Keeps the answer of a reserved key. Throws: `StorageError`.
    package static func store(
        caller: String, key: String, status: Int, response: String, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE idempotency_keys SET status = \(status), response = \(response)
            WHERE caller = \(caller) AND idempotency_key = \(key)
            """)
    }

    /// Gives a reserved key back after work that did nothing. Throws: `StorageError`.
    package static func release(caller: String, key: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            DELETE FROM idempotency_keys
            WHERE caller = \(caller) AND idempotency_key = \(key) AND status = \(pendingStatus)
            """)
    }

    /// Forgets at most `limit` answers that are no longer kept, and returns how many. Throws: `StorageError`.
    static func forget(_ connection: any SQLConnection, at now: Timestamp, limit: Int) throws -> Int {
        try connection.execute(
            """
            DELETE FROM idempotency_keys WHERE (caller, idempotency_key) IN (
                SELECT caller, idempotency_key FROM idempotency_keys
                WHERE created_ms < \(expiry(at: now).milliseconds) ORDER BY created_ms LIMIT \(limit))
            """)
    }

    private static func expiry(at now: Timestamp) -> Timestamp {
        now.adding(milliseconds: -Int64(keepHours) * 3_600_000)
    }

    private static let chunkRows = 200

    /// Takes away every kept answer that shows a value of an erased person; the request can be sent anew.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var after: [SQLValue] = [.text(""), .text("")]
        var removed = 0
        while true {
            let place = after
            let (last, count) = try await context.write { connection -> ([SQLValue]?, Int) in
                let rows =
                    try connection.queryMany(
                        """
                        SELECT caller, idempotency_key, response FROM idempotency_keys
                        WHERE (caller, idempotency_key) > (?, ?) ORDER BY caller, idempotency_key LIMIT \(chunkRows)
                        """, [place]
                    ).first ?? []
                let found = try rows.filter { sought.isOwn(in: try $0.text(2).utf8) }
                try connection.executeMany(
                    "DELETE FROM idempotency_keys WHERE caller = ? AND idempotency_key = ?",
                    found.map { Array($0.values.prefix(2)) })
                return (rows.last.map { Array($0.values.prefix(2)) }, found.count)
            }
            removed += count
            guard let last else { return removed }
            after = last
        }
    }
}
