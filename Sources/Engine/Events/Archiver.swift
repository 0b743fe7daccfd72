import Logging
import ServiceLifecycle
import Storage

/// Loads what the processor has finished into the analytics store, exactly once.
///
/// The end of a range is written down before it is loaded, and the load carries a token made from the range, so that a
/// load repeated after a crash is the same load and adds nothing. Only one process archives at a time.
package final class Archiver: Service {
    private let platform: Platform
    private let signal: LogSignal
    private let lease: ConsumerLease
    private let mirror: ArchiveMirror
    private let meters: ConsumerMeters

    /// Log rows of one load.
    static let batchEvents = 20_000
    /// Loads are not begun more often than this unless a full batch waits: analytics stores like few large inserts.
    private static let pause = Duration.milliseconds(1_000)
    private static let balanceMilliseconds: Int64 = 2_000

    package init(platform: Platform, signal: LogSignal) {
        self.platform = platform
        self.signal = signal
        meters = ConsumerMeters(platform.metrics, "archiver")
        let owner = platform.effects.randomHex(bytes: 8)
        lease = ConsumerLease(consumer: "archiver", owner: owner, shards: 1)
        mirror = ArchiveMirror(
            platform: platform, lease: ConsumerLease(consumer: "mirror", owner: owner, shards: 1))
    }

    /// Archives until shutdown, then gives the lease back.
    package func run() async throws {
        try await prepare()
        var state = DrainState()
        for await _ in AsyncTimer(every: Self.pause).cancelOnGracefulShutdown() {
            await drain(&state)
        }
        try await release()
    }

    /// Archives everything that is processed now and returns; used by commands that run without a server.
    package func catchUp() async throws {
        try await prepare()
        var state = DrainState()
        while try await step(&state) {}
        while try await mirror.step() {}
        try await release()
    }

    private func prepare() async throws {
        try await platform.store.write { [lease, mirror] connection in
            try lease.prepare(connection)
            try mirror.lease.prepare(connection)
        }
    }

    private func release() async throws {
        try await platform.store.write { [lease, mirror] connection in
            try lease.releaseAll(connection)
            try mirror.lease.releaseAll(connection)
        }
    }

    private struct DrainState {
        var balancedAt = Timestamp.longAgo
        var failures = 0
    }

    private func drain(_ state: inout DrainState) async {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let hasMore = try await step(&state)
                _ = try await mirror.step()
                guard hasMore else { return }
                state.failures = 0
            } catch {
                state.failures += 1
                meters.failed.increment()
                platform.logger.error(
                    "archiver load failed; it will be tried again",
                    metadata: ["error": "\(error)", "failures": "\(state.failures)"])
                return
            }
        }
    }

    /// One load. Returns whether there may be more.
    private func step(_ state: inout DrainState) async throws -> Bool {
        let now = platform.effects.now()
        if now.elapsedMilliseconds(since: state.balancedAt) >= Self.balanceMilliseconds {
            state.balancedAt = now
            try await platform.store.write { [lease, mirror] connection in
                try lease.balance(connection, now: now)
                try mirror.lease.balance(connection, now: now)
            }
        }
        guard let (range, isRepeated) = try await plan(now: now) else { return false }
        let start = ContinuousClock.now
        let batch = try await platform.store.read { try ArchiveBatch.read(range, $0) }
        try await batch.load(
            into: platform.analytics, range: range, again: isRepeated ? String(now.milliseconds) : nil)
        try await platform.store.write { [lease, platform] connection in
            guard try !lease.locked(connection).isEmpty else { return }
            try Erasure.confirm(batch.erased, at: platform.effects.now(), connection)
            try lease.advance(to: range.upperBound, now: platform.effects.now(), connection)
        }
        meters.events.increment(by: range.count)
        meters.seconds.observe((ContinuousClock.now - start) / .seconds(1))
        return range.count >= Self.batchEvents
    }

    /// The next range, `from` exclusive to `through` inclusive, written down before anything is loaded; repeated: it was
    /// written down before, and how far its load came is not known.
    private func plan(now: Timestamp) async throws -> (range: ArchiveRange, isRepeated: Bool)? {
        try await platform.store.write { [lease] connection in
            guard let held = try lease.locked(connection).first else { return nil }
            if held.planned > held.position {
                return (ArchiveRange(lowerBound: held.position, upperBound: held.planned), true)
            }
            let processed = try LogProgress.processed(connection)
            guard processed > held.position else {
                try lease.advance(to: held.position, now: now, connection)
                return nil
            }
            let end = min(processed, held.position + Int64(Self.batchEvents))
            try lease.advance(to: held.position, planned: end, now: now, connection)
            return (ArchiveRange(lowerBound: held.position, upperBound: end), false)
        }
    }
}

/// Log positions beyond `lowerBound` up to and with `upperBound`.
struct ArchiveRange: Sendable, Equatable {
    var lowerBound: Int64
    var upperBound: Int64

    var count: Int { Int(upperBound - lowerBound) }
    var token: String { "log-\(lowerBound)-\(upperBound)" }
}
