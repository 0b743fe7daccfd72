import Logging
import ServiceLifecycle
import Storage

/// Claims due jobs and runs their handlers, until the process is asked to stop.
///
/// Any number of runners may share a store. Stopping gracefully hands unfinished jobs back, due at once.
package struct JobRunner: Service {
    private let platform: Platform
    private let catalog: JobCatalog
    private let owner: String
    private let concurrency: Int

    package init(platform: Platform, catalog: JobCatalog = .all, concurrency: Int = JobLimits.concurrency) {
        self.platform = platform
        self.catalog = catalog
        self.owner = platform.effects.randomHex(bytes: 8)
        self.concurrency = concurrency
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await repeating(every: JobLimits.scheduleMilliseconds) {
                        try await ensureRecurring()
                        try await bringBack()
                    }
                }
                for _ in 0..<concurrency {
                    group.addTask { await repeating(every: JobLimits.pollMilliseconds) { try await drain() } }
                }
            }
        }
    }

    /// Runs due jobs one after the other until none is due. Returns how many ran.
    @discardableResult
    package func drain() async throws -> Int {
        var count = 0
        while !Task.isCancelled, try await runNext() { count += 1 }
        return count
    }

    /// Sees to it that every recurring job has a living row. Safe to run anywhere, any number of times.
    package func ensureRecurring() async throws {
        let platform = platform
        let now = platform.effects.now()
        let recurring = catalog.handlers.values.filter { $0.schedule != nil }.sorted { $0.kind < $1.kind }
        let missing = try await platform.store.read { connection in
            let calendar = try Workspace.load(connection).calendar
            return try recurring.compactMap { handler -> (kind: String, due: Timestamp)? in
                guard let schedule = handler.schedule, try JobQueue.living(connection, key: handler.kind) == nil
                else { return nil }
                return (handler.kind, schedule.next(after: now, calendar: calendar))
            }
        }
        guard !missing.isEmpty else { return }
        try await platform.store.write { connection in
            for (kind, due) in missing {
                try JobQueue.enqueue(connection, kind: kind, key: kind, dueAt: due, effects: platform.effects)
            }
        }
    }

    /// Brings back what waits for its next round or attempt at a moment that a clock which has gone back since gave it.
    /// Safe to run anywhere, any number of times.
    package func bringBack() async throws {
        let (catalog, now) = (catalog, platform.effects.now())
        let late = try await platform.store.read { connection -> [(job: Job, latest: Timestamp)] in
            let calendar = try Workspace.load(connection).calendar
            return try connection.query(
                """
                SELECT \(raw: Job.columns) FROM jobs WHERE status = 'waiting' AND due_ms > \(ClockWatch.beyond(now))
                AND kind IN (\(list: catalog.kinds)) ORDER BY due_ms DESC LIMIT \(JobLimits.broughtBack)
                """
            ).map(Job.init(row:)).compactMap { job -> (job: Job, latest: Timestamp)? in
                guard let handler = catalog.handlers[job.kind],
                    let latest = JobRun.Verdict.latest(for: job, handler: handler, now: now, calendar: calendar),
                    job.due.milliseconds > ClockWatch.beyond(latest)
                else { return nil }
                return (job, latest)
            }
        }
        guard !late.isEmpty else { return }
        _ = try await platform.store.write { connection in
            try connection.executeMany(
                "UPDATE jobs SET due_ms = ? WHERE id = ? AND status = 'waiting' AND due_ms = ?",
                late.map {
                    [.integer($0.latest.milliseconds), .integer($0.job.id), .integer($0.job.due.milliseconds)]
                })
        }
    }

    private func repeating(every milliseconds: Int64, _ step: () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await step()
            } catch is CancellationError {
                return
            } catch {
                platform.logger.warning("jobs paused", metadata: ["error": "\(error)"])
            }
            do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
        }
    }

    /// Returns false when nothing was due.
    private func runNext() async throws -> Bool {
        let kinds = catalog.kinds
        let owner = owner
        let now = platform.effects.now()
        let due = try await platform.store.read { try JobLease.anythingDue($0, kinds: kinds, at: now) }
        guard due else { return false }
        let claimed = try await platform.store.write { connection in
            try JobLease.claim(connection, kinds: kinds, owner: owner, at: now)
        }
        guard let (job, lease) = claimed, let handler = catalog.handlers[job.kind] else { return false }
        let verdict = await JobRun(
            handler: handler, context: JobContext(job: job, platform: platform, lease: lease)
        ).verdict()
        // A task of its own: handing the job back must happen although this one may be cancelled.
        let settling = Task { try await settle(job, lease, verdict, handler) }
        do {
            try await settling.value
        } catch JobError.leaseLost {
            platform.logger.warning("job was taken over", metadata: ["job": "\(job.id)", "kind": "\(job.kind)"])
        }
        return true
    }

    private func settle(_ job: Job, _ lease: JobLease, _ verdict: JobRun.Verdict, _ handler: JobHandler) async throws {
        let now = platform.effects.now()
        if case .failed(let error) = verdict {
            platform.logger.error(
                "job failed",
                metadata: [
                    "job": "\(job.id)", "kind": "\(job.kind)", "attempt": "\(job.attempts)", "error": "\(error)",
                ])
        }
        try await platform.store.write { connection in
            let calendar = try Workspace.load(connection).calendar
            guard let ending = verdict.ending(of: job, handler: handler, now: now, calendar: calendar) else {
                throw JobError.leaseLost(id: job.id)
            }
            try lease.settle(connection, as: ending, at: now)
        }
    }
}
