import Synchronization

/// The messages that a process has in its hands, and when their leases were renewed last.
final class HeldMessages: Sendable {
    private let leases = Mutex<[Int64: Timestamp]>([:])

    func take(_ ids: [Int64], at now: Timestamp) {
        leases.withLock { leases in
            for id in ids { leases[id] = now }
        }
    }

    func leave(_ ids: [Int64]) {
        leases.withLock { leases in
            for id in ids { leases[id] = nil }
        }
    }

    /// Those whose lease is old enough to be renewed now.
    func due(at now: Timestamp) -> [Int64] {
        leases.withLock { leases in
            let due = leases.filter { now.elapsedMilliseconds(since: $0.value) >= MessageLimits.renewMilliseconds }
            for id in due.keys { leases[id] = now }
            return due.keys.sorted()
        }
    }
}
