import Logging
import ServiceLifecycle
import Storage

/// Applies the log to people, exactly once.
///
/// One batch is one transaction: it locks the shards this process holds, reads the next events, drops the ones seen
/// before, applies pure functions to the profiles they touch, writes state, system events, receipts and the
/// checkpoint, and commits. Killed at any instruction, it starts again from the last checkpoint as if nothing happened.
/// Any number of processes may run on PostgreSQL: they share the shards under leases.
package final class Processor: Service {
    private let platform: Platform
    private let signal: LogSignal
    private let lease: ConsumerLease
    private let catalogue = CatalogueCache()
    private let recent = RecentMessages()
    private let segments = SegmentCache()
    private let program = ProgramCache()
    private let rollup: LogRollup
    private let meters: ConsumerMeters

    /// Events of one transaction: short enough that appends waiting for the writer are acknowledged soon.
    static let batchEvents = 2_000
    /// Events of one transaction when nobody waits for the writer: people and pages are then written for many at once.
    static let catchUpEvents = 20_000
    /// How often the process says that it lives and shares out shards again.
    private static let balanceMilliseconds: Int64 = 2_000
    private static let retryMilliseconds = 200...5_000

    package init(platform: Platform, signal: LogSignal) {
        self.platform = platform
        self.signal = signal
        meters = ConsumerMeters(platform.metrics, "processor")
        let owner = platform.effects.randomHex(bytes: 8)
        lease = ConsumerLease(consumer: "processor", owner: owner, shards: EventLog.shards)
        rollup = LogRollup(platform: platform, recent: recent, owner: owner)
    }

    /// Processes until shutdown, then gives its shards back.
    package func run() async throws {
        try await prepare()
        let wakeups = signal.listen()
        for await _ in wakeups.cancelOnGracefulShutdown() {
            await drain()
        }
        // What is processed is whole when the process ends; the next one has nothing to make good.
        while await rollUp(.now) {}
        try await release()
    }

    /// Processes everything that is in the log now and returns; used by commands that run without a server.
    package func catchUp() async throws {
        try await prepare()
        var state = DrainState(fullLimit: Self.catchUpEvents)
        while try await step(&state) { _ = try await rollup.stroke(.busy) }
        while try await rollup.stroke(.now) {}
        try await release()
    }

    private func prepare() async throws {
        try await platform.store.write { [lease, rollup] connection in
            try lease.prepare(connection)
            try rollup.lease.prepare(connection)
        }
    }

    private func release() async throws {
        try await platform.store.write { [lease, rollup] connection in
            try lease.releaseAll(connection)
            try rollup.lease.releaseAll(connection)
        }
    }

    /// Batch after batch until the log is empty or the service stops. Faults are logged and tried again.
    private func drain() async {
        var state = DrainState()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                guard try await step(&state) else {
                    while await rollUp(.idle), !Task.isShuttingDownGracefully {}
                    return
                }
                state.failures = 0
                _ = await rollUp(.busy)
            } catch {
                state.failed(error)
                meters.failed.increment()
                platform.logger.error(
                    "processor batch failed; it will be tried again",
                    metadata: ["error": "\(error)", "failures": "\(state.failures)", "batch": "\(state.limit)"])
                guard await pause(state.failures) else { return }
            }
        }
    }

    /// A stroke of the roll-up, whose faults do not hold up the processor. Returns whether there is more to do at once.
    private func rollUp(_ pace: LogRollup.Pace) async -> Bool {
        do {
            return try await rollup.stroke(pace)
        } catch {
            platform.logger.error("roll-up failed; it will be tried again", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func pause(_ failures: Int) async -> Bool {
        let range = Self.retryMilliseconds
        let milliseconds = min(range.lowerBound << min(failures - 1, 8), range.upperBound)
        do {
            try await Task.sleep(for: .milliseconds(milliseconds))
            return true
        } catch {
            return false
        }
    }

    /// One batch. Returns whether there may be more.
    private func step(_ state: inout DrainState) async throws -> Bool {
        let now = platform.effects.now()
        if now.elapsedMilliseconds(since: state.balancedAt) >= Self.balanceMilliseconds {
            state.balancedAt = now
            try await platform.store.write { [lease, rollup] connection in
                try lease.balance(connection, now: now)
                try rollup.lease.balance(connection, now: now)
            }
        }
        let start = ContinuousClock.now
        let batch = ProcessorBatch(
            platform: platform, lease: lease, catalogue: catalogue, recent: recent, segments: segments,
            program: program, limit: state.limit, settingAside: state.settingAside)
        guard let draft = try await platform.store.read({ try batch.draft($0) }) else { return false }
        // Nil when another process has taken shards since: the next draft sees that.
        guard let result = try await platform.store.writeAlone({ try batch.commit(draft, $0) }) else { return true }
        if let end = result.end { recent.commit(through: end) }
        rollup.note(events: result.scanned)
        state.succeeded()
        if result.scanned > 0 {
            meters.events.increment(by: result.scanned)
            meters.seconds.observe((ContinuousClock.now - start) / .seconds(1))
        }
        if result.systemEvents > 0 { signal.fire() }
        // What it said itself stands behind: changes of points and coupons are read there.
        return result.scanned == batch.limit || result.systemEvents > 0
    }
}

/// How one drain of the log is going.
private struct DrainState {
    var balancedAt = Timestamp.longAgo
    var failures = 0
    let fullLimit: Int
    var limit: Int
    /// Set when a batch of one event keeps failing: that event is then set aside so that the others go on.
    var settingAside = false

    init(fullLimit: Int = Processor.batchEvents) {
        self.fullLimit = fullLimit
        limit = fullLimit
    }

    /// A batch that the store refuses (not one that it could not reach) is cut down until the culprit stands alone.
    mutating func failed(_ error: any Error) {
        failures += 1
        guard let storage = error as? StorageError, failures > 1 else { return }
        switch storage {
        case .unavailable, .timedOut, .cannotWrite: return
        default: break
        }
        if limit == 1 { settingAside = true }
        limit = max(limit / 8, 1)
    }

    mutating func succeeded() {
        limit = min(limit * 2, fullLimit)
        settingAside = false
    }
}
