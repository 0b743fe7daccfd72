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
            while try await worker.step() > 0 { isDone = false }
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
        while !Task.isShuttingDownGracefully {
            let now = platform.effects.now()
            let allowed = governor.withLock { $0.allowed(at: now) }
            guard allowed > 0 else { return }
            let taken = try await worker.step(limit: min(allowed, JourneyLimits.runsPerStep))
            governor.withLock { $0.took(taken) }
            guard taken > 0 else { return }
        }
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
}
