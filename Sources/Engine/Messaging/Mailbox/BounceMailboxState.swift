import Storage

/// How far the mailbox has been read, and how the last looks into it went.
///
/// Every change is bound to the fence of the process that looks, so one that lost its lease writes nothing more.
package struct BounceMailboxState: Sendable, Equatable {
    var fence: Int64
    var place: String
    var validity: Int64
    /// Every letter up to this UID has been taken.
    var mark: Int64
    /// Letters that were taken and are still to be deleted.
    var pending: [Int64]
    var stuckUID: Int64
    var stuckTries: Int64
    package var dueAt: Timestamp
    /// When the last look that reached its end did; nil: there was none.
    package var polledAt: Timestamp?
    /// Letters that were read, and how many of them were reports or complaints.
    package var letters: Int64
    package var reports: Int64
    /// Letters that the server did not give out however often it was asked.
    package var skipped: Int64
    /// In a row; 0: the last look went well.
    package var failures: Int64
    package var error: String
    package var errorAt: Timestamp?

    private static let columns = """
        fence, place, uid_validity, uid_mark, pending, stuck_uid, stuck_tries, due_ms, polled_ms, letters, reports, \
        skipped, failures, error, error_ms
        """

    private init(row: SQLRow) throws {
        fence = try row.int(0)
        place = try row.text(1)
        validity = try row.int(2)
        mark = try row.int(3)
        pending = try StoredDocument.value([Int64].self, from: try row.text(4))
        stuckUID = try row.int(5)
        stuckTries = try row.int(6)
        dueAt = Timestamp(milliseconds: try row.int(7))
        polledAt = try row.intOrNil(8).map { Timestamp(milliseconds: $0) }
        letters = try row.int(9)
        reports = try row.int(10)
        skipped = try row.int(11)
        failures = try row.int(12)
        error = try row.text(13)
        errorAt = try row.intOrNil(14).map { Timestamp(milliseconds: $0) }
    }

    /// Nil: nobody has looked yet. Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> BounceMailboxState? {
        try connection.first("SELECT \(raw: columns) FROM bounce_mailbox WHERE id = 1")
            .map(BounceMailboxState.init(row:))
    }

    /// Looked into at once, by whichever process is first; one that is looking stops. Throws: `StorageError`.
    package static func hurry(_ connection: any SQLConnection) throws {
        try ready(connection)
        try connection.execute(
            """
            UPDATE bounce_mailbox SET due_ms = 0, failures = 0, owner = '', lease_expires_ms = 0, fence = fence + 1
            WHERE id = 1
            """)
    }

    /// Due, or to be looked into so late that the clock has gone back since; and nobody is looking.
    private static func isFree(at now: Timestamp) -> SQL {
        let latest = now.milliseconds + 60_000 * BounceMailboxLimits.everyMinutes.upperBound
        return """
            (due_ms <= \(now.milliseconds) OR due_ms > \(latest))
            AND \(LeaseClock.isOver(BounceMailboxLimits.leaseMilliseconds, at: now))
            """
    }

    /// Whether a claim may succeed, without taking part in any lock. Throws: `StorageError`.
    static func isDue(at now: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        let row = try connection.first(
            "SELECT CASE WHEN \(isFree(at: now)) THEN 1 ELSE 0 END FROM bounce_mailbox WHERE id = 1")
        return try row?.bool(0) ?? true
    }

    /// Takes the lease; nil: it is not due, or another process was first. Marks of another place are forgotten.
    /// Throws: `StorageError`.
    static func claim(
        _ owner: String, place: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> BounceMailboxState? {
        try ready(connection)
        let row = try connection.first(
            """
            SELECT \(raw: columns) FROM bounce_mailbox WHERE id = 1 AND \(isFree(at: now))\
            \(raw: connection.dialect.forUpdate)
            """)
        guard var claimed = try row.map(BounceMailboxState.init(row:)) else { return nil }
        claimed.fence += 1
        if claimed.place != place {
            claimed.place = place
            claimed.begin(validity: 0)
        }
        try connection.execute(
            "UPDATE bounce_mailbox SET owner = \(owner), fence = \(claimed.fence) WHERE id = 1")
        try claimed.write(isHeld: true, at: now, connection)
        return claimed
    }

    /// A mailbox whose UIDs mean nothing that is known: it is read from the start.
    mutating func begin(validity: Int64) {
        (self.validity, mark, pending, stuckUID, stuckTries) = (validity, 0, [], 0, 0)
    }

    /// A letter was not to be had: it is tried again a few times.
    mutating func stick(at uid: Int64) {
        stuckTries = stuckUID == uid ? stuckTries + 1 : 1
        stuckUID = uid
    }

    /// The mark moves beyond a letter.
    mutating func pass(_ uid: Int64) {
        (mark, stuckUID, stuckTries) = (uid, 0, 0)
    }

    mutating func succeeded(next: Timestamp, at now: Timestamp) {
        (dueAt, polledAt, failures) = (next, now, 0)
    }

    /// Longer each time; never sooner than without a failure.
    mutating func failed(_ words: String, everyMinutes: Int64, at now: Timestamp) {
        failures += 1
        error = String(words.prefix(BounceMailboxLimits.errorCharacters))
        errorAt = now
        let backoff = BounceMailboxLimits.backoffMilliseconds << min(failures - 1, 10)
        dueAt = now.adding(
            milliseconds: max(everyMinutes * 60_000, min(backoff, BounceMailboxLimits.backoffMaxMilliseconds)))
    }

    /// Writes it down and keeps the lease, or gives it back. Throws: `BounceMailboxError.leaseLost`, `StorageError`.
    func write(isHeld: Bool, at now: Timestamp, _ connection: any SQLConnection) throws {
        let lease = isHeld ? now.milliseconds + BounceMailboxLimits.leaseMilliseconds : 0
        let changed = try connection.execute(
            """
            UPDATE bounce_mailbox SET lease_expires_ms = \(lease), place = \(place), uid_validity = \(validity),
                uid_mark = \(mark), pending = \(try StoredDocument.text(pending)), stuck_uid = \(stuckUID),
                stuck_tries = \(stuckTries), due_ms = \(dueAt.milliseconds),
                polled_ms = \((polledAt?.milliseconds).sqlValue), letters = \(letters), reports = \(reports),
                skipped = \(skipped), failures = \(failures), error = \(error),
                error_ms = \((errorAt?.milliseconds).sqlValue)
            WHERE id = 1 AND fence = \(fence)
            """)
        guard changed == 1 else { throw BounceMailboxError.leaseLost }
    }

    private static func ready(_ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO bounce_mailbox (id, owner, fence, lease_expires_ms, due_ms, place, uid_validity, uid_mark,
                pending, stuck_uid, stuck_tries, letters, reports, skipped, failures, error)
            VALUES (1, '', 0, 0, 0, '', 0, 0, '[]', 0, 0, 0, 0, 0, 0, '') ON CONFLICT (id) DO NOTHING
            """)
    }
}

enum BounceMailboxError: Error, Sendable, Equatable {
    /// Another process looks into the mailbox by now, or it was set up anew.
    case leaseLost
}
