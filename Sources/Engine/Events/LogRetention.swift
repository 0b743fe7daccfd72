import Storage

/// Forgets what the log no longer needs: rows that both consumers have passed, and receipts older than promised.
///
/// Runs daily, in bounded transactions, and continues where it stopped.
enum LogRetention {
    /// How long processed events stay in the operational log (the analytics store keeps them for good).
    static let logDays = 2
    static let chunkRows: Int64 = 5_000
    private static let marksName = "log_retention_marks"
    private static let marksLimit = 100

    /// Where the log ended on a day: how positions are told to be old after their rows are gone.
    struct Mark: Codable, Sendable, Equatable {
        var at: Timestamp
        var position: Int64
    }

    static let handler = JobHandler(kind: "log_retention", schedule: .daily(hour: 3, minute: 20)) { context in
        let now = context.platform.effects.now()
        let marks = try await context.write { try remember(now, $0) }
        let trimmed = try await trimLog(context, marks, now: now)
        let forgotten = try await forgetReceipts(context, marks, now: now)
        return JSONValue.object(["log_rows": .integer(trimmed), "receipts": .integer(forgotten)]).text()
    }

    /// Adds today's mark and returns all of them, oldest first.
    static func remember(_ now: Timestamp, _ connection: any SQLConnection) throws -> [Mark] {
        var marks = try Settings.load([Mark].self, marksName, connection) ?? []
        marks.append(Mark(at: now, position: try EventLog.end(connection)))
        marks = Array(marks.suffix(marksLimit))
        try Settings.save(marks, marksName, connection, at: now)
        return marks
    }

    /// The last position that is certainly older than so many days.
    static func boundary(_ marks: [Mark], olderThanDays days: Int, now: Timestamp) -> Int64 {
        let latest = now.adding(days: -days)
        return marks.last { $0.at <= latest }?.position ?? 0
    }

    private static func trimLog(_ context: JobContext, _ marks: [Mark], now: Timestamp) async throws -> Int64 {
        let old = boundary(marks, olderThanDays: logDays, now: now)
        let passed = try await context.platform.store.read { connection in
            try connection.first("SELECT min(position) FROM log_consumers")?.intOrNil(0) ?? 0
        }
        let end = min(old, passed)
        var start =
            try await context.platform.store.read { try $0.first("SELECT min(position) FROM event_log")?.intOrNil(0) }
            ?? end + 1
        var trimmed: Int64 = 0
        while start <= end {
            let stop = min(start + chunkRows - 1, end)
            let range = start...stop
            trimmed += Int64(
                try await context.write { connection in
                    try connection.execute(
                        """
                        DELETE FROM event_log WHERE position >= \(range.lowerBound) AND position <= \(range.upperBound)
                        """)
                })
            start = stop + 1
        }
        return trimmed
    }

    private static func forgetReceipts(_ context: JobContext, _ marks: [Mark], now: Timestamp) async throws -> Int64 {
        let days = try await context.platform.store.read { try RetentionSettings.load($0).receiptDays }
        let end = boundary(marks, olderThanDays: days, now: now)
        guard end > 0 else { return 0 }
        var after: (source: Int64, message: String)? = (Int64.min, "")
        var forgotten: Int64 = 0
        while let place = after {
            let step = try await context.write { try forgetReceipts(after: place, upTo: end, $0) }
            forgotten += step.forgotten
            after = step.last.map { ($0.source, $0.message) }
        }
        try await context.write { connection in
            _ = try connection.execute("DELETE FROM event_outcomes WHERE position <= \(end)")
        }
        return forgotten
    }

    private struct Step: Sendable {
        var forgotten: Int64
        var last: (source: Int64, message: String)?
    }

    private static func forgetReceipts(
        after place: (source: Int64, message: String), upTo end: Int64, _ connection: any SQLConnection
    ) throws -> Step {
        let rows = try connection.query(
            """
            SELECT source_id, message_id, position FROM event_receipts \
            WHERE (source_id, message_id) > (\(place.source), \(place.message)) \
            ORDER BY source_id, message_id LIMIT \(chunkRows)
            """)
        let old = try rows.filter { try $0.int(2) <= end }
        try connection.executeMany(
            "DELETE FROM event_receipts WHERE source_id = ? AND message_id = ?",
            old.map { [$0.values[0], $0.values[1]] }
        )
        let last = try rows.last.map { (source: try $0.int(0), message: try $0.text(1)) }
        return Step(forgotten: Int64(old.count), last: Int64(rows.count) < chunkRows ? nil : last)
    }
}
