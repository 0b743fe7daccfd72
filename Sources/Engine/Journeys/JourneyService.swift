import Logging
import ServiceLifecycle
import Storage
import Synchronization

/// Reads the log for journeys and takes people on who are due, until the process is asked to stop. Any number of
/// processes may run it: the log is read by one at a time, runs are shared between all.
package final class JourneyService: Service {
    private let platform: Platform
    private let cache = JourneyCache()
    private let consumer: JourneyConsumer
    private let worker: JourneyWorker
    private let sweep: JourneySweep

    private let governor = Mutex(JourneyGovernor())
    private let watch = ClockWatch()

    private static let interval = Duration.milliseconds(200)

    package init(platform: Platform, messages: JourneyMessages = .current) {
        self.platform = platform
        consumer = JourneyConsumer(platform: platform, cache: cache)
        worker = JourneyWorker(platform: platform, cache: cache, messages: messages)
        sweep = JourneySweep(platform: platform, cache: cache)
    }

    package func run() async throws {
        try await consumer.lease.prepare()
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            await guarded { try await self.tell() }
            await guarded { try await self.work() }
        }
        try await consumer.lease.release()
    }

    /// Does all that can be done now, and returns: for commands and tests.
    package func catchUp() async throws {
        try await consumer.lease.prepare()
        _ = try await consumer.lease.balance()
        try await bringBack()
        while true {
            var isDone = true
            while try await consumer.step() { isDone = false }
            while try await sweep.step() { isDone = false }
            while try await walk(isGoverned: false) { isDone = false }
            if isDone { break }
        }
        try await consumer.lease.release()
    }

    private func tell() async throws {
        guard try await consumer.lease.keep() else { return }
        while try await consumer.step(), !Task.isShuttingDownGracefully {}
        while try await sweep.step(), !Task.isShuttingDownGracefully {}
    }

    private func bringBack() async throws {
        let now = platform.effects.now()
        try await watch.look(at: now) { try await worker.bringBack(at: now) }
    }

    private func work() async throws {
        try await bringBack()
        _ = try await walk(isGoverned: true)
    }

    /// Takes on who is due now: a batch, and where that does not do, as many at once as the store has use for. Returns
    /// whether anybody was.
    private func walk(isGoverned: Bool) async throws -> Bool {
        let first = try await batch(isGoverned)
        guard first.mayBeMore else { return first.taken > 0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<hands {
                group.addTask { while try await self.batch(isGoverned).mayBeMore {} }
            }
            try await group.waitForAll()
        }
        return true
    }

    /// PostgreSQL works on one batch while we think the next one out; SQLite has one writer.
    private var hands: Int { platform.store.dialect == .postgresql ? 2 : 1 }

    private func batch(_ isGoverned: Bool) async throws -> (taken: Int, mayBeMore: Bool) {
        let (now, most) = (platform.effects.now(), JourneyLimits.runsPerStep)
        let limit = isGoverned ? governor.withLock { $0.reserve(upTo: most, at: now) } : most
        guard limit > 0, !Task.isShuttingDownGracefully else { return (0, false) }
        let taken = try await worker.step(limit: limit)
        if isGoverned { governor.withLock { $0.took(taken - limit) } }
        return (taken, taken == limit)
    }

    private func guarded(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            return
        } catch {
            platform.logger.warning("journeys paused", metadata: ["error": "\(error)"])
        }
    }
}

/// How many runs may be taken on now: so many a second, and no more after a standstill than in any other second.
struct JourneyGovernor: Sendable {
    private var tokens: Int64 = JourneyLimits.runsPerSecond
    private var at: Timestamp?

    mutating func allowed(at now: Timestamp) -> Int {
        // A clock that went back counts as a second: it would otherwise stand still until the old moment comes again.
        let passed = at.map { now < $0 ? 1_000 : now.milliseconds - $0.milliseconds } ?? 1_000
        let gained = min(passed, 1_000) * JourneyLimits.runsPerSecond / 1_000
        if gained > 0 {
            tokens = min(tokens + gained, JourneyLimits.runsPerSecond)
            at = now
        }
        return Int(max(tokens, 0))
    }

    mutating func took(_ count: Int) { tokens -= Int64(count) }

    /// So many of them, taken already: several ask at once.
    mutating func reserve(upTo most: Int, at now: Timestamp) -> Int {
        let count = min(allowed(at: now), most)
        took(count)
        return count
    }
}
