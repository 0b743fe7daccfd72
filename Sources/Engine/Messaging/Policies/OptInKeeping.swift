import Storage

/// Writes down, once double opt-in is switched on, who had agreed before: their word stands as it was given.
enum OptInKeeping {
    static let kind = "opt_in_keeping"
    private static let peoplePerWrite = 500

    /// In the transaction that switches it on. Throws: `StorageError`.
    static func begin(since: Int64, _ effects: Effects, _ connection: any SQLConnection) throws {
        try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(since)", request: "{\"since\":\(since)}", dueAt: effects.now(),
            effects: effects)
    }

    static let handler = JobHandler(kind: kind) { context in
        guard let since = try JSONValue(parsing: context.job.request)["since"]?.intValue else {
            throw JobFailure(code: "bad_request", message: "The job names no time.")
        }
        var after = context.job.progress.checkpoint.flatMap { Int64($0) } ?? 0
        var done = context.job.progress.done
        while true {
            let (place, before) = (after, done)
            let last = try await context.write { connection in
                let last = try keep(after: place, since: since, connection)
                if let last {
                    try context.report(
                        JobProgress(done: before + last.count, unit: "people", checkpoint: String(last.id)),
                        in: connection)
                }
                return last
            }
            guard let last else { break }
            (after, done) = (last.id, before + last.count)
        }
        return try StoredDocument.text(["people": done])
    }

    private struct Stroke: Sendable {
        var id: Int64
        var count: Int64
    }

    /// Returns how far it came; nil at the end.
    private static func keep(after: Int64, since: Int64, _ connection: any SQLConnection) throws -> Stroke? {
        let rows = try connection.query(
            """
            SELECT id, state FROM profiles WHERE id > \(after) AND \(raw: Profile.isUnmerged) AND deleted_ms IS NULL
            ORDER BY id LIMIT \(peoplePerWrite)
            """)
        guard let last = try rows.last?.int(0) else { return nil }
        for row in rows {
            let (id, state) = (try row.int(0), try ProfileState(parsing: try row.text(1)))
            guard let given = state.consent[OptIns.channel], given.isGranted, given.ms < since else { continue }
            try MessageConsents.keep(id, given, OptIns.channel, connection)
        }
        return Stroke(id: last, count: Int64(rows.count))
    }
}
