import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite("Jobs")
struct JobQueueTests {
    @Test("a key has one living job; cancelled and finished ones make room", arguments: StoreKind.allCases)
    func livingKey(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let first = try await platform.enqueue("greet", key: "a")
            let second = try await platform.enqueue("greet", key: "a")
            #expect(first.isNew && !second.isNew && first.id == second.id)
            let status = try await store.write {
                try JobQueue.cancel($0, id: first.id, at: platform.effects.now())
            }
            #expect(status == .cancelled)
            #expect(try await platform.enqueue("greet", key: "a").isNew)
            let jobs = try await store.read { try JobQueue.list($0, kind: "greet") }
            #expect(Set(jobs.map(\.status)) == [.waiting, .cancelled])
        }
    }

    @Test("a due job runs once, with its result and progress kept", arguments: StoreKind.allCases)
    func run(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let handler = JobHandler(kind: "greet") { context in
                try await context.report(JobProgress(done: 3, total: 4, unit: "rows"))
                return context.job.request
            }
            let id = try await platform.enqueue("greet", key: "a", request: #"{"name":"茶"}"#).id
            let runner = JobRunner(platform: platform, catalog: JobCatalog([handler]))
            #expect(try await runner.drain() == 1)
            #expect(try await runner.drain() == 0)
            let job = try await store.read { try JobQueue.get($0, id: id) }
            #expect(job.status == .done && job.result == #"{"name":"茶"}"#)
            #expect(job.progress == JobProgress(done: 3, total: 4, unit: "rows"))
            #expect(job.finishedAt != nil && job.attempts == 1)
        }
    }

    @Test("a job that fails waits longer each time and is given up in the end", arguments: StoreKind.allCases)
    func retry(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let handler = JobHandler(kind: "greet", attemptsMax: 3) { _ in throw StorageError.timedOut(seconds: 1) }
            let id = try await platform.enqueue("greet", key: "a").id
            let runner = JobRunner(platform: platform, catalog: JobCatalog([handler]))
            for wait in [5_000, 10_000] as [Int64] {
                #expect(try await runner.drain() == 1)
                let job = try await store.read { try JobQueue.get($0, id: id) }
                #expect(job.status == .waiting && job.due == clock.now.adding(milliseconds: wait))
                clock.advance(milliseconds: wait)
            }
            #expect(try await runner.drain() == 1)
            let job = try await store.read { try JobQueue.get($0, id: id) }
            #expect(job.status == .failed && job.attempts == 3)
            #expect(job.result?.contains("timedOut") == true)
        }
    }

    @Test("a failure that cannot be mended is not tried again", arguments: StoreKind.allCases)
    func failure(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let handler = JobHandler(kind: "greet") { _ in throw JobFailure(code: "file_missing", message: "no file") }
            let id = try await platform.enqueue("greet", key: "a").id
            try await JobRunner(platform: platform, catalog: JobCatalog([handler])).drain()
            let job = try await store.read { try JobQueue.get($0, id: id) }
            #expect(job.status == .failed && job.result == #"{"code":"file_missing","error":"no file"}"#)
        }
    }

    @Test("a dead process's job goes to another, and the dead one can write no more", arguments: StoreKind.allCases)
    func takeover(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let id = try await platform.enqueue("greet", key: "a").id
            func claim(_ owner: String) async throws -> JobLease? {
                let now = clock.now
                return try await store.write {
                    try JobLease.claim($0, kinds: ["greet"], owner: owner, at: now)?.lease
                }
            }
            let dead = try #require(try await claim("dead"))
            #expect(try await claim("early") == nil)
            clock.advance(milliseconds: JobLimits.leaseMilliseconds)
            let heir = try #require(try await claim("heir"))
            #expect(heir.fence == dead.fence + 1)
            await #expect(throws: JobError.leaseLost(id: id)) {
                try await store.write { try dead.record($0, progress: JobProgress(done: 1)) }
            }
            await #expect(throws: JobError.leaseLost(id: id)) {
                let now = clock.now
                _ = try await store.write { try dead.renew($0, at: now) }
            }
            let now = clock.now
            #expect(try await store.write { try heir.renew($0, at: now) } == .running)
        }
    }

    @Test("two runners share the work and no job runs twice", arguments: StoreKind.allCases)
    func sharing(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let runs = Mutex<[String: Int]>([:])
            let handler = JobHandler(kind: "greet") { context in
                runs.withLock { $0[context.job.key, default: 0] += 1 }
                return "{}"
            }
            for number in 0..<30 { _ = try await platform.enqueue("greet", key: "job \(number)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await JobRunner(platform: platform, catalog: JobCatalog([handler])).drain()
                    }
                }
                try await group.waitForAll()
            }
            #expect(runs.withLock { $0.count } == 30)
            #expect(runs.withLock { $0.values.allSatisfy { $0 == 1 } })
        }
    }

    @Test("a running job is stopped by a request to cancel it", arguments: StoreKind.allCases)
    func cancelRunning(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let handler = JobHandler(kind: "greet") { context in
                let id = context.job.id
                let now = context.platform.effects.now()
                _ = try await context.platform.store.write { try JobQueue.cancel($0, id: id, at: now) }
                try await Task.sleep(for: .seconds(60))
                return "{}"
            }
            let id = try await platform.enqueue("greet", key: "a").id
            try await JobRunner(platform: platform, catalog: JobCatalog([handler])).drain()
            #expect(try await store.read { try JobQueue.get($0, id: id) }.status == .cancelled)
        }
    }

    @Test("a recurring job goes back to waiting for its next time, in one row", arguments: StoreKind.allCases)
    func recurring(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let handler = JobHandler(kind: "sweep", schedule: .every(seconds: 60)) { _ in #"{"swept":1}"# }
            let runner = JobRunner(platform: platform, catalog: JobCatalog([handler]))
            try await runner.ensureRecurring()
            try await runner.ensureRecurring()
            #expect(try await runner.drain() == 0)
            for _ in 0..<3 {
                clock.advance(milliseconds: 60_000)
                #expect(try await runner.drain() == 1)
            }
            let jobs = try await store.read { try JobQueue.list($0) }
            #expect(jobs.count == 1)
            #expect(jobs[0].status == .waiting && jobs[0].due == clock.now.adding(milliseconds: 60_000))
            #expect(jobs[0].result == #"{"swept":1}"# && jobs[0].attempts == 0)
            let now = clock.now
            #expect(try await store.write { try JobQueue.hasten($0, key: "sweep", at: now) })
            #expect(try await runner.drain() == 1)
        }
    }

    @Test("a daily job runs at its minute of the workspace's day")
    func daily() throws {
        let shanghai = try #require(LocalCalendar(timeZone: "Asia/Shanghai"))
        let schedule = JobSchedule.daily(hour: 3, minute: 10)
        let midnight = shanghai.start(ofDay: 20_000)
        let wanted = midnight.adding(milliseconds: (3 * 60 + 10) * 60_000)
        #expect(schedule.next(after: midnight, calendar: shanghai) == wanted)
        #expect(schedule.next(after: wanted, calendar: shanghai) == wanted.adding(days: 1))
    }

    @Test("a daily job runs once, when clocks show its minute, also on days on which they change")
    func clocksChange() throws {
        let berlin = try #require(LocalCalendar(timeZone: "Europe/Berlin"))
        func runs(_ hour: Int, _ minute: Int, after moment: String) throws -> [Timestamp] {
            var last = try #require(Timestamp(iso8601: moment))
            return (0..<3).map { _ in
                last = JobSchedule.daily(hour: hour, minute: minute).next(after: last, calendar: berlin)
                return last
            }
        }
        // Clocks go from 02:00 to 03:00 on 29 March and from 03:00 to 02:00 on 25 October.
        for (hour, minute, start, moments) in [
            (3, 10, "2026-03-28T00:00:00Z", ["2026-03-28T02:10:00Z", "2026-03-29T01:10:00Z", "2026-03-30T01:10:00Z"]),
            (3, 10, "2026-10-24T00:00:00Z", ["2026-10-24T01:10:00Z", "2026-10-25T02:10:00Z", "2026-10-26T02:10:00Z"]),
            // Skipped in spring: an hour later. Shown twice in autumn: the first time, and not again.
            (2, 40, "2026-03-28T00:00:00Z", ["2026-03-28T01:40:00Z", "2026-03-29T01:40:00Z", "2026-03-30T00:40:00Z"]),
            (2, 40, "2026-10-24T00:00:00Z", ["2026-10-24T00:40:00Z", "2026-10-25T00:40:00Z", "2026-10-26T01:40:00Z"]),
            (0, 10, "2026-10-24T12:00:00Z", ["2026-10-24T22:10:00Z", "2026-10-25T23:10:00Z", "2026-10-26T23:10:00Z"]),
        ] {
            let wanted = try moments.map { try #require(Timestamp(iso8601: $0)) }
            #expect(try runs(hour, minute, after: start) == wanted, "\(hour):\(minute) after \(start)")
        }
    }
}
