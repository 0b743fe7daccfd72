import Synchronization

/// Where one query stands, for the task that may cancel it.
final class QueryTicket: Sendable {
    enum Stage: Sendable {
        case waiting
        case running
        case finished
    }

    private struct State {
        var stage = Stage.waiting
        var cancelled = false
    }

    /// Unique in this process; stands in the query's text or id so that the query can be found and stopped.
    let tag: String
    private let state = Mutex(State())

    private static let issued = Atomic<UInt64>(0)

    init(prefix: String) {
        tag = "\(prefix)-\(Self.issued.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    var isCancelled: Bool { state.withLock(\.cancelled) }
    var isRunning: Bool { state.withLock { $0.stage == .running } }

    /// Throws: `CancellationError` when it was cancelled while waiting.
    func start() throws {
        try state.withLock { state in
            guard !state.cancelled else { throw CancellationError() }
            state.stage = .running
        }
    }

    func finish() {
        state.withLock { $0.stage = .finished }
    }

    /// Returns whether the query runs, and so must be stopped at the store.
    func cancel() -> Bool {
        state.withLock { state in
            state.cancelled = true
            return state.stage == .running
        }
    }
}
