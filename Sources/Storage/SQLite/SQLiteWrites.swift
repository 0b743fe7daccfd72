import Synchronization

/// Work that is to be written: a transaction's body, and who waits for what becomes of it.
struct SQLiteWork: Sendable {
    /// What became of one attempt: why it cannot be kept, if so, and how to tell those who wait.
    struct Attempt {
        let failure: (any Error)?
        let tell: @Sendable () -> Void
    }

    /// Long work is committed by itself: nothing that came before it waits for its end.
    let isAlone: Bool
    let timeoutSeconds: Double?
    /// Runs the body on the link, whose transaction is open.
    let attempt: @Sendable (SQLiteLink) -> Attempt
    /// Tells those who wait that it came to nothing.
    let fail: @Sendable (any Error) -> Void

    init<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (SQLiteLink) throws -> T,
        _ tell: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        isAlone = mode.isAlone
        timeoutSeconds = mode.statementTimeoutSeconds
        attempt = { link in
            let result = Result { try body(link) }
            switch result {
            case .success: return Attempt(failure: nil) { tell(result) }
            case .failure(let error): return Attempt(failure: error) { tell(result) }
            }
        }
        fail = { tell(.failure($0)) }
    }
}

/// What waits for the one writer, in the order in which it came.
final class SQLiteWrites: Sendable {
    private let waiting = Mutex<[SQLiteWork]>([])

    func add(_ work: SQLiteWork) {
        waiting.withLock { $0.append(work) }
    }

    func first() -> SQLiteWork? {
        waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// What may be committed with what came before it; nil when nothing waits or the next wants to be alone.
    func companion() -> SQLiteWork? {
        waiting.withLock { $0.first?.isAlone == false ? $0.removeFirst() : nil }
    }
}
