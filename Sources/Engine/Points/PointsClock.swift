import Logging
import Storage

/// Time passes for accounts: holds time out, pending points are released, what lapses lapses, notices go out. An
/// account that was due while nothing ran is caught up in order, each transaction dated when it was due.
package enum PointsClock {
    private static let batchAccounts = 200
    /// An account whose rows contradict each other waits so long before it is tried again.
    private static let brokenWaitMS: Int64 = 3_600_000

    package static let handler = JobHandler(kind: "points_clock", schedule: .every(seconds: 30)) { context in
        var done: Int64 = 0
        while true {
            let moved = try await run(context)
            done += Int64(moved)
            if moved < batchAccounts { break }
        }
        return try StoredDocument.text(["accounts": done])
    }

    private static func run(_ context: JobContext) async throws -> Int {
        let effects = context.platform.effects
        let logger = context.platform.logger
        return try await context.platform.store.write { connection in
            let now = effects.now()
            let ids = try connection.query(
                """
                SELECT id FROM points_accounts WHERE due_ms <= \(now.milliseconds) AND due_ms IS NOT NULL
                ORDER BY due_ms, id LIMIT \(batchAccounts)\(raw: connection.dialect.forUpdateSkipLocked)
                """
            ).map { try $0.int(0) }
            guard !ids.isEmpty else { return 0 }
            let program = try PointsProgram.load(connection)
            let loaded = try PointsAccountRows.load(ids, .open, by: program, connection)
            var batch = PointsBatch(loaded, program, at: now)
            for id in batch.accounts.keys.sorted() {
                do {
                    try batch.change(id) { try $0.advance(to: now, program) }
                } catch let error as PointsError {
                    logger.error("points account cannot go on", metadata: ["account": "\(id)", "error": "\(error)"])
                    batch.postpone(id, to: now.adding(milliseconds: brokenWaitMS))
                }
            }
            let events = try batch.save(request: nil, connection)
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            return ids.count
        }
    }
}
