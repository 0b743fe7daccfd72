import Storage

/// How a way out stands: closed for a while after failures (a circuit breaker), and how much has gone out of what may.
///
/// In the store, so that all processes that send share it.
package struct MessageGate: Sendable, Equatable {
    package var scope: String
    package var failures: Int64
    package var closedUntil: Timestamp?
    package var reason: String
    package var detail: String

    /// Throws: `StorageError`.
    package static func load(_ scope: String, _ connection: any SQLConnection) throws -> MessageGate? {
        try connection.first(
            "SELECT failures, closed_until_ms, reason, detail FROM message_gates WHERE scope = \(scope)"
        ).map { row in
            let until = try row.int(1)
            return MessageGate(
                scope: scope, failures: try row.int(0), closedUntil: until > 0 ? Timestamp(milliseconds: until) : nil,
                reason: try row.text(2), detail: try row.text(3))
        }
    }

    /// Whether nothing goes out now. Throws: `StorageError`.
    static func isClosed(_ scope: String, at now: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        try closedUntil(scope, at: now, connection) != nil
    }

    /// Until when nothing goes out; nil: it is open. One that is closed for longer than any is was closed before the
    /// clock went back. Throws: `StorageError`.
    static func closedUntil(
        _ scope: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Timestamp? {
        guard let until = try load(scope, connection)?.closedUntil, until > now,
            until.milliseconds <= now.milliseconds + MessageLimits.closedMaxMilliseconds
        else { return nil }
        return until
    }

    /// Takes up to `wanted` of `most` in each window of time. Returns how many may go. Throws: `StorageError`.
    static func take(
        _ scope: String, wanted: Int64, most: Int64, every windowMilliseconds: Int64, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Int64 {
        guard most > 0 else { return wanted }
        try ready(scope, connection)
        let window = now.milliseconds / windowMilliseconds
        let row = try connection.first(
            "SELECT window_ms, used FROM message_gates WHERE scope = \(scope)\(raw: connection.dialect.forUpdate)")
        let isSame = try row?.int(0) == window
        let used = isSame ? try row?.int(1) ?? 0 : 0
        let taken = max(0, min(wanted, most - used))
        try connection.execute(
            "UPDATE message_gates SET window_ms = \(window), used = \(used + taken) WHERE scope = \(scope)")
        return taken
    }

    /// Gives back what was taken of `most` in this transaction and is not needed. Throws: `StorageError`.
    static func giveBack(_ scope: String, _ count: Int64, of most: Int64, _ connection: any SQLConnection) throws {
        guard most > 0, count > 0 else { return }
        try connection.execute(
            "UPDATE message_gates SET used = used - \(count) WHERE scope = \(scope) AND used >= \(count)")
    }

    /// A success opens it. Throws: `StorageError`.
    static func succeed(_ scope: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE message_gates SET failures = 0, closed_until_ms = 0, reason = '', detail = ''
            WHERE scope = \(scope) AND failures > 0
            """)
    }

    /// Counts a failure; enough of them in a row, or a refusal of us, close it, longer each time. Throws: `StorageError`.
    static func fail(
        _ scope: String, isRefusal: Bool, reason: String, detail: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try ready(scope, connection)
        let failures = (try load(scope, connection)?.failures ?? 0) + 1
        var until: Int64 = 0
        let beyond = isRefusal ? failures - 1 : failures - MessageLimits.failuresToClose
        if beyond >= 0 {
            let pause = MessageLimits.closedMilliseconds << min(beyond, 20)
            until = now.milliseconds + min(pause, MessageLimits.closedMaxMilliseconds)
        }
        try connection.execute(
            """
            UPDATE message_gates SET failures = \(failures), closed_until_ms = \(until), reason = \(reason),
                detail = \(detail) WHERE scope = \(scope)
            """)
    }

    /// Opens it by hand. Throws: `StorageError`.
    package static func open(_ scope: String, _ connection: any SQLConnection) throws {
        try connection.execute("UPDATE message_gates SET failures = 0, closed_until_ms = 0 WHERE scope = \(scope)")
    }

    private static func ready(_ scope: String, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO message_gates (scope, window_ms, used, failures, closed_until_ms, reason, detail)
            VALUES (\(scope), 0, 0, 0, 0, '', '') ON CONFLICT (scope) DO NOTHING
            """)
    }
}
