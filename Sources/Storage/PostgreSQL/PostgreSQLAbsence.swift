import Synchronization

/// Whether somebody has already waited for a server that went away, and in vain: then nobody else of the pool waits as long
/// again, but is told after one attempt. Ends with the first connection that works.
final class PostgreSQLAbsence: Sendable {
    private let known = Atomic(false)

    var isKnown: Bool { known.load(ordering: .relaxed) }

    func begin() { known.store(true, ordering: .relaxed) }

    func end() { known.store(false, ordering: .relaxed) }
}
