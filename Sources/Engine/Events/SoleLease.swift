import Storage
import Synchronization

/// The hold on the log of a consumer that one process at a time runs, under a lease of one shard.
///
/// Such a consumer asks whether there is something new before it opens a transaction, and in the transaction takes
/// a range and does what follows from it: what is done and how far the log is read are durable together or not at all.
final class SoleLease: Sendable {
    /// How far the consumer reads.
    enum Reach: Sendable {
        /// Whatever is in the log.
        case appended
        /// Where the processor is: what it has not seen has no person yet.
        case processed
    }

    /// Positions of the log beyond `lower` up to and with `upper`.
    struct Range: Sendable, Equatable {
        var lower: Int64
        var upper: Int64
        /// Whether there is more behind it.
        var hasMore: Bool
    }

    private struct State {
        var isOurs = false
        var balancedAt = Timestamp.longAgo
    }

    private let platform: Platform
    private let lease: ConsumerLease
    private let reach: Reach
    private let state = Mutex(State())

    /// How often a process says that it lives.
    static let balanceMilliseconds: Int64 = 2_000

    /// `consumer`: its name in `log_consumers`.
    init(_ consumer: String, reading reach: Reach, _ platform: Platform) {
        self.platform = platform
        self.reach = reach
        lease = ConsumerLease(consumer: consumer, owner: platform.effects.randomHex(bytes: 8), shards: 1)
    }

    /// What this process is called.
    var owner: String { lease.owner }

    /// Makes the row of a new consumer. Idempotent. Throws: `StorageError`.
    func prepare() async throws {
        try await platform.store.write { [lease] in try lease.prepare($0) }
    }

    /// Gives the lease back, so that another process takes over at once. Throws: `StorageError`.
    func release() async throws {
        try await platform.store.write { [lease] in try lease.releaseAll($0) }
        state.withLock { $0 = State() }
    }

    /// Says that this process lives and keeps the lease, or takes it. Returns whether it is this process's.
    /// Throws: `StorageError`.
    func balance() async throws -> Bool {
        let now = platform.effects.now()
        let isOurs = try await platform.store.write { [lease] connection in
            try lease.balance(connection, now: now)
            guard let held = try lease.locked(connection).first else { return false }
            try lease.advance(to: held.position, now: now, connection)
            return true
        }
        state.withLock { $0 = State(isOurs: isOurs, balancedAt: now) }
        return isOurs
    }

    /// Whether so long has passed since the last balance.
    func isDue(after milliseconds: Int64 = SoleLease.balanceMilliseconds) -> Bool {
        platform.effects.now().elapsedMilliseconds(since: state.withLock { $0.balancedAt }) >= milliseconds
    }

    /// Whether the lease was this process's at the last balance.
    var isOurs: Bool { state.withLock { $0.isOurs } }

    /// Balances where that is due. Returns whether the lease is this process's. Throws: `StorageError`.
    func keep() async throws -> Bool {
        if isDue() { return try await balance() }
        return isOurs
    }

    /// Whether the lease is this process's and there is something to be taken. Throws: `StorageError`.
    func isBehind() async throws -> Bool {
        try await platform.store.read { [self] connection in
            guard let held = try lease.held(connection).first else { return false }
            return try end(connection) > held.position
        }
    }

    /// Takes the next range in the open transaction: the log counts as read up to its end once that commits.
    /// `rows`: positions at the most; nil: all that there are. Returns nil when the lease is another's by now, or nothing
    /// is new. Throws: `StorageError`.
    func take(rows: Int64?, _ connection: any SQLConnection) throws -> Range? {
        guard let held = try lease.locked(connection).first else { return nil }
        let end = try end(connection)
        guard end > held.position else { return nil }
        let upper = rows.map { min(end, held.position + $0) } ?? end
        try lease.advance(to: upper, now: platform.effects.now(), connection)
        return Range(lower: held.position, upper: upper, hasMore: upper < end)
    }

    private func end(_ connection: any SQLConnection) throws -> Int64 {
        let appended = try EventLog.end(connection)
        return switch reach {
        case .appended: appended
        case .processed: min(appended, try LogProgress.processed(connection))
        }
    }
}
