import Storage

/// The front door for everyone who wants work done later: add, look, cancel.
package enum JobQueue {
    /// What became of `enqueue`.
    package struct Enqueued: Sendable, Equatable {
        package var id: Int64
        /// false when a living job with the same key was there already; `id` is that one's.
        package var isNew: Bool
    }

    /// Adds a job, unless one with the same key is living. Safe to repeat.
    ///
    /// - Parameters:
    ///   - kind: the word under which `JobCatalog` knows the handler.
    ///   - key: what the job is about; `import:4711`, or just the kind where one at a time is enough.
    ///   - request: JSON for the handler.
    /// Throws: `StorageError`.
    @discardableResult
    package static func enqueue(
        _ connection: any SQLConnection, kind: String, key: String, request: String = "{}", dueAt: Timestamp,
        createdBy: Int64? = nil, effects: Effects
    ) throws -> Enqueued {
        let id = effects.newID()
        let added = try connection.execute(
            """
            INSERT INTO jobs (id, kind, job_key, status, due_ms, request, created_ms, created_by)
            VALUES (\(id), \(kind), \(key), 'waiting', \(dueAt.milliseconds), \(request),
                \(effects.now().milliseconds), \(createdBy.sqlValue))
            ON CONFLICT DO NOTHING
            """)
        if added == 1 { return Enqueued(id: id, isNew: true) }
        guard let living = try living(connection, key: key) else {
            // It ended between the two statements (possible on PostgreSQL): the caller's transaction is run again.
            throw StorageError.constraint(message: "job key \(key) was living a moment ago")
        }
        return Enqueued(id: living.id, isNew: false)
    }

    /// The job with this id. Throws: `JobError.notFound`, `StorageError`.
    package static func get(_ connection: any SQLConnection, id: Int64) throws -> Job {
        guard let row = try connection.first("SELECT \(raw: Job.columns) FROM jobs WHERE id = \(id)") else {
            throw JobError.notFound(id: id)
        }
        return try Job(row: row)
    }

    /// The waiting or running job with this key, if any. Throws: `StorageError`.
    package static func living(_ connection: any SQLConnection, key: String) throws -> Job? {
        try connection.first(
            """
            SELECT \(raw: Job.columns) FROM jobs
            WHERE job_key = \(key) AND status IN ('waiting', 'running', 'cancelling')
            """
        ).map(Job.init(row:))
    }

    /// Jobs, newest first: at most `limit` with an id below `before`. Throws: `StorageError`.
    package static func list(
        _ connection: any SQLConnection, kind: String? = nil, status: JobStatus? = nil, before: Int64 = .max,
        limit: Int = 50
    ) throws -> [Job] {
        var sql: SQL = "SELECT \(raw: Job.columns) FROM jobs WHERE id < \(before)"
        if let kind { sql += " AND kind = \(kind)" }
        if let status { sql += " AND status = \(status.rawValue)" }
        sql += " ORDER BY id DESC LIMIT \(min(limit, JobLimits.pageRows))"
        return try connection.query(sql).map(Job.init(row:))
    }

    /// What is going on: jobs of these kinds that run or are due, oldest first, and behind them those of one user that
    /// ended after `since`. Throws: `StorageError`.
    package static func current(
        _ connection: any SQLConnection, kinds: [String], of user: Int64, endedSince since: Timestamp, at now: Timestamp
    ) throws -> [Job] {
        let running = try connection.query(
            """
            SELECT \(raw: Job.columns) FROM jobs WHERE kind IN (\(list: kinds)) AND (status IN ('running', 'cancelling')
                OR (status = 'waiting' AND \(JobLease.isDue(at: now))))
            ORDER BY id LIMIT \(JobLimits.currentRows)
            """)
        let ended = try connection.query(
            """
            SELECT \(raw: Job.columns) FROM jobs WHERE created_by = \(user) AND kind IN (\(list: kinds))
                AND status IN ('done', 'failed', 'cancelled') AND finished_ms >= \(since.milliseconds)
            ORDER BY id DESC LIMIT \(JobLimits.currentRows)
            """)
        return try (running + ended).map(Job.init(row:))
    }

    /// Cancels a waiting job at once and asks a running one to stop. Returns the status it has now; a finished job
    /// keeps its own. Throws: `JobError.notFound`, `StorageError`.
    @discardableResult
    package static func cancel(_ connection: any SQLConnection, id: Int64, at now: Timestamp) throws -> JobStatus {
        try connection.execute(
            """
            UPDATE jobs SET status = 'cancelled', finished_ms = \(now.milliseconds)
            WHERE id = \(id) AND status = 'waiting'
            """)
        try connection.execute("UPDATE jobs SET status = 'cancelling' WHERE id = \(id) AND status = 'running'")
        return try get(connection, id: id).status
    }

    /// Lets a waiting job (a recurring one, or one that waits for its next attempt) run now.
    /// Returns false when none with the key is waiting. Throws: `StorageError`.
    @discardableResult
    package static func hasten(_ connection: any SQLConnection, key: String, at now: Timestamp) throws -> Bool {
        try connection.execute(
            """
            UPDATE jobs SET due_ms = \(now.milliseconds)
            WHERE job_key = \(key) AND status = 'waiting' AND due_ms > \(now.milliseconds)
            """) > 0
    }

    /// Forgets jobs that finished before `moment`, at most `limit`. Returns how many. Throws: `StorageError`.
    @discardableResult
    package static func forget(
        _ connection: any SQLConnection, finishedBefore moment: Timestamp, limit: Int = 1_000
    ) throws -> Int {
        try connection.execute(
            """
            DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE status IN ('done', 'failed', 'cancelled')
                AND finished_ms < \(moment.milliseconds) ORDER BY id LIMIT \(limit))
            """)
    }

    private static let forgetRows = 200

    /// Takes the request and the result away from finished jobs that show a value of an erased person.
    static func forget(_ context: JobContext, _ sought: SoughtValues, before time: Timestamp) async throws -> Int {
        var after = Int64.min
        var wiped = 0
        while true {
            let place = after
            let (last, count) = try await context.write { connection -> (Int64?, Int) in
                let rows = try connection.query(
                    """
                    SELECT id, request, coalesce(result, '') FROM jobs WHERE id > \(place)
                        AND created_ms <= \(time.milliseconds) AND status IN ('done', 'failed', 'cancelled')
                    ORDER BY id LIMIT \(forgetRows)
                    """)
                let found = try rows.filter { row in
                    try (1...2).contains { sought.isOwn(in: try row.text($0).utf8) }
                }
                try connection.executeMany(
                    "UPDATE jobs SET request = '{}', result = NULL WHERE id = ?", found.map { [$0.values[0]] })
                return (try rows.last?.int(0), found.count)
            }
            wiped += count
            guard let last else { return wiped }
            after = last
        }
    }
}
