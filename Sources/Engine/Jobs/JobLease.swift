import Storage

/// One process's hold on one job. Every change it makes is bound to the fence of its claim.
struct JobLease: Sendable, Equatable {
    var jobID: Int64
    var owner: String
    var fence: Int64

    /// Takes the job that has been due longest: a waiting one, or one whose process died. nil when nothing is due.
    ///
    /// A dead process's job that was being cancelled is settled here.
    static func claim(
        _ connection: any SQLConnection, kinds: [String], owner: String, at now: Timestamp
    ) throws -> (job: Job, lease: JobLease)? {
        try connection.execute(
            """
            UPDATE jobs SET status = 'cancelled', finished_ms = \(now.milliseconds)
            WHERE status = 'cancelling' AND \(isOver(at: now))
            """)
        let lock = connection.dialect.forUpdateSkipLocked
        let candidate =
            try connection.first(
                """
                SELECT \(raw: Job.columns) FROM jobs WHERE status = 'waiting' AND \(isDue(at: now))
                AND kind IN (\(list: kinds)) ORDER BY due_ms, id LIMIT 1\(raw: lock)
                """)
            ?? connection.first(
                """
                SELECT \(raw: Job.columns) FROM jobs WHERE status = 'running'
                AND \(isOver(at: now)) AND kind IN (\(list: kinds))
                ORDER BY lease_expires_ms, id LIMIT 1\(raw: lock)
                """)
        guard var job = try candidate.map(Job.init(row:)) else { return nil }
        job.status = .running
        job.fence += 1
        job.attempts += 1
        job.startedAt = now
        try connection.execute(
            """
            UPDATE jobs SET status = 'running', owner = \(owner), fence = \(job.fence), attempts = \(job.attempts),
                lease_expires_ms = \(now.milliseconds + JobLimits.leaseMilliseconds), started_ms = \(now.milliseconds)
            WHERE id = \(job.id)
            """)
        return (job, JobLease(jobID: job.id, owner: owner, fence: job.fence))
    }

    /// Whether anything is due, without taking part in any lock.
    static func anythingDue(_ connection: any SQLConnection, kinds: [String], at now: Timestamp) throws -> Bool {
        try connection.first(
            """
            SELECT id FROM jobs WHERE kind IN (\(list: kinds)) AND
            ((status = 'waiting' AND \(isDue(at: now)))
            OR (status IN ('running', 'cancelling') AND \(isOver(at: now)))) LIMIT 1
            """) != nil
    }

    /// Whether a waiting job may run: its moment has come, or it was wanted at once, whatever the clock showed then.
    static func isDue(at now: Timestamp) -> SQL {
        """
        (due_ms <= \(now.milliseconds)
            OR due_ms BETWEEN created_ms - \(JobLimits.enqueuedMilliseconds) AND created_ms)
        """
    }

    private static func isOver(at now: Timestamp) -> SQL { LeaseClock.isOver(JobLimits.leaseMilliseconds, at: now) }

    /// Extends the lease. Returns the job's status, so that a request to cancel is seen.
    /// Throws: `JobError.leaseLost` when another process has the job.
    func renew(_ connection: any SQLConnection, at now: Timestamp) throws -> JobStatus {
        let renewed = try connection.execute(
            """
            UPDATE jobs SET lease_expires_ms = \(now.milliseconds + JobLimits.leaseMilliseconds)
            WHERE id = \(jobID) AND fence = \(fence) AND status IN ('running', 'cancelling')
            """)
        guard renewed == 1 else { throw JobError.leaseLost(id: jobID) }
        return try JobQueue.get(connection, id: jobID).status
    }

    /// Refuses to go on under an old fence, and keeps the row locked until the transaction ends.
    /// Throws: `JobError.leaseLost`.
    func check(_ connection: any SQLConnection) throws {
        let row = try connection.first(
            """
            SELECT id FROM jobs WHERE id = \(jobID) AND fence = \(fence)
            AND status IN ('running', 'cancelling')\(raw: connection.dialect.forUpdate)
            """)
        guard row != nil else { throw JobError.leaseLost(id: jobID) }
    }

    func record(_ connection: any SQLConnection, progress: JobProgress) throws {
        try check(connection)
        try connection.execute("UPDATE jobs SET progress = \(try progress.json()) WHERE id = \(jobID)")
    }

    /// Ends the job's run: gives it its next status, and when it is waiting again, its next due time.
    func settle(_ connection: any SQLConnection, as ending: JobEnding, at now: Timestamp) throws {
        try check(connection)
        let finished = ending.status == .waiting && !ending.isRound ? nil : now.milliseconds
        try connection.execute(
            """
            UPDATE jobs SET status = \(ending.status.rawValue), due_ms = \(ending.due.milliseconds),
                attempts = \(ending.attempts), result = \(ending.result.sqlValue), owner = '', lease_expires_ms = 0,
                finished_ms = \(finished.sqlValue)
            WHERE id = \(jobID)
            """)
    }
}

/// How one run of a job ended.
struct JobEnding: Sendable, Equatable {
    var status: JobStatus
    var due: Timestamp
    var attempts: Int
    var result: String?
    /// A recurring job finished its round and waits for the next one.
    var isRound = false
}
