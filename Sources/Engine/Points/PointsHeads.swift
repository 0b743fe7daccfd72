import Storage

/// One hash a day over every statement that grew in it, and over the head of the day before.
///
/// head(d) = SHA-256 over head(d − 1), a line feed, and for each account with a transaction dated in the day,
/// ascending, a line `account sequence hash` of its last transaction in the day. Kept outside, a head proves later that
/// nothing before it was changed, not even by whoever holds the store.
package enum PointsHeads {
    package struct Head: Sendable, Equatable {
        package var day: Int64
        package var head: String
        package var accounts: Int64
        package var transactions: Int64
    }

    private static let hour = 4
    private static let settlingMS: Int64 = 3_600_000
    private static let pageRows = 5_000
    private static let daysInOneGo = 400

    /// Makes the heads of all days that are over, a few hours after midnight, when what was due in them is caught up.
    package static let handler = JobHandler(kind: "points_heads", schedule: .daily(hour: hour, minute: 10)) { context in
        var made: Int64 = 0
        for _ in 0..<daysInOneGo {
            let effects = context.platform.effects
            let isMade = try await context.write { try makeNext(at: effects.now(), $0) }
            guard isMade else { break }
            made += 1
        }
        return try StoredDocument.text(["days": made])
    }

    /// Newest first. Throws: `StorageError`.
    package static func list(limit: Int, _ connection: any SQLConnection) throws -> [Head] {
        try connection.query(
            "SELECT day, head, accounts, transactions FROM points_heads ORDER BY day DESC LIMIT \(limit)"
        ).map { Head(day: try $0.int(0), head: try $0.text(1), accounts: try $0.int(2), transactions: try $0.int(3)) }
    }

    /// The first moment that no head covers yet: nothing is dated before it, not even where a clock was set back.
    /// Throws: `StorageError`.
    static func open(_ connection: any SQLConnection) throws -> Timestamp? {
        guard let day = try connection.first("SELECT max(day) FROM points_heads")?.intOrNil(0) else { return nil }
        return open(after: day, try Workspace.load(connection).calendar)
    }

    /// The same, known the last day that has a head.
    static func open(after day: Int64, _ calendar: LocalCalendar) -> Timestamp {
        calendar.start(ofDay: day + 1)
    }

    /// False when every day that is over has its head, or nothing ever happened.
    private static func makeNext(at now: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        try connection.lock("points_heads")
        let calendar = try Workspace.load(connection).calendar
        let last = try list(limit: 1, connection).first
        var day = last.map { $0.day + 1 }
        if day == nil {
            let first = try connection.first("SELECT min(at_ms) FROM points_transactions")?.intOrNil(0)
            day = first.map { calendar.day(of: Timestamp(milliseconds: $0)) }
        }
        guard let day else { return false }
        let end = calendar.start(ofDay: day + 1).milliseconds
        // Transactions under way at midnight are long done, and nothing that was due in the day is still to be caught
        // up.
        guard now.milliseconds >= end + settlingMS,
            try connection.first("SELECT 1 FROM points_accounts WHERE due_ms < \(end) LIMIT 1") == nil
        else { return false }
        let head = try compute(day, after: last?.head ?? PointsTransaction.firstHash, calendar, connection)
        try connection.execute(
            """
            INSERT INTO points_heads (day, head, accounts, transactions, made_ms)
            VALUES (\(day), \(head.head), \(head.accounts), \(head.transactions), \(now.milliseconds))
            """)
        return true
    }

    private static func compute(
        _ day: Int64, after previous: String, _ calendar: LocalCalendar, _ connection: any SQLConnection
    ) throws -> Head {
        let (from, to) = (calendar.start(ofDay: day).milliseconds, calendar.start(ofDay: day + 1).milliseconds)
        var text = Array((previous + "\n").utf8)
        var (accounts, transactions): (Int64, Int64) = (0, 0)
        try connection.forEach(
            """
            SELECT d.account_id, d.last, d.number, t.hash FROM (
                SELECT account_id, max(sequence) AS last, count(*) AS number FROM points_transactions
                WHERE at_ms >= \(from) AND at_ms < \(to) GROUP BY account_id
            ) d JOIN points_transactions t ON t.account_id = d.account_id AND t.sequence = d.last
            ORDER BY d.account_id
            """, batch: pageRows
        ) { rows in
            for row in rows {
                text += Array("\(try row.int(0)) \(try row.int(1)) \(try row.text(3))\n".utf8)
                accounts += 1
                transactions += try row.int(2)
            }
        }
        return Head(day: day, head: Digest.sha256(text), accounts: accounts, transactions: transactions)
    }

    /// Heads that no longer follow from the statements.
    static func flaws(_ connection: any SQLConnection) throws -> [String] {
        let calendar = try Workspace.load(connection).calendar
        var previous = PointsTransaction.firstHash
        for head in try list(limit: 100_000, connection).reversed() {
            let again = try compute(head.day, after: previous, calendar, connection)
            guard again == head else { return ["the head of \(LocalCalendar.text(ofDay: head.day)) is another now"] }
            previous = head.head
        }
        return []
    }
}
