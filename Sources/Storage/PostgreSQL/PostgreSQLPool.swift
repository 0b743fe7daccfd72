import Dispatch
import Synchronization

/// A bounded number of connections, handed out in the order of asking. Connections open when they are first needed.
final class PostgreSQLPool: Sendable {
    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<PostgreSQLWorker, any Error>
    }

    private struct State {
        var idle: [PostgreSQLWorker] = []
        var opened = 0
        var waiters: [Waiter] = []
        var waited = 0
        var isClosed = false
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    private let address: PostgreSQLAddress
    private let options: OperationalStoreOptions
    private let state = Mutex(State())
    private let absence = PostgreSQLAbsence()

    init(address: PostgreSQLAddress, options: OperationalStoreOptions) {
        precondition(options.connectionsMax > 0, "a pool has at least one connection")
        self.address = address
        self.options = options
    }

    /// Runs `body` with a worker that nobody else has meanwhile.
    ///
    /// Throws: `StorageError.unavailable` when none gets free in time, or after `close`.
    func withWorker<T: Sendable>(_ body: (PostgreSQLWorker) async throws -> T) async throws -> T {
        let worker = try await checkout()
        do {
            let value = try await body(worker)
            giveBack(worker)
            return value
        } catch {
            giveBack(worker)
            throw error
        }
    }

    private func checkout() async throws -> PostgreSQLWorker {
        try await withCheckedThrowingContinuation { continuation in
            let (answer, waiterNumber) = state.withLock { state -> (Result<PostgreSQLWorker, any Error>?, Int) in
                if state.isClosed { return (.failure(closed), 0) }
                if let worker = state.idle.popLast() { return (.success(worker), 0) }
                if state.opened < options.connectionsMax {
                    state.opened += 1
                    let worker = PostgreSQLWorker(
                        number: state.opened, address: address, options: options, absence: absence)
                    return (.success(worker), 0)
                }
                state.waited += 1
                state.waiters.append(Waiter(number: state.waited, continuation: continuation))
                return (nil, state.waited)
            }
            if let answer {
                continuation.resume(with: answer)
            } else {
                expire(waiterNumber)
            }
        }
    }

    private func expire(_ number: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + options.waitSeconds) { [weak self] in
            guard let self else { return }
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(
                throwing: StorageError.unavailable(
                    message: "all \(options.connectionsMax) connections to \(address.text) are busy"))
        }
    }

    private func giveBack(_ worker: PostgreSQLWorker) {
        let (waiter, drained) = state.withLock { state -> (Waiter?, [CheckedContinuation<Void, Never>]) in
            if !state.waiters.isEmpty { return (state.waiters.removeFirst(), []) }
            state.idle.append(worker)
            guard state.isClosed, state.idle.count == state.opened else { return (nil, []) }
            defer { state.drained = [] }
            return (nil, state.drained)
        }
        waiter?.continuation.resume(returning: worker)
        for continuation in drained { continuation.resume() }
    }

    /// Turns newcomers away, serves those who wait already, and closes every connection.
    func close() async {
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                state.isClosed = true
                if state.idle.count == state.opened { return true }
                state.drained.append(continuation)
                return false
            }
            if isDrained { continuation.resume() }
        }
        let workers = state.withLock { state in
            defer {
                state.idle = []
                state.opened = 0
            }
            return state.idle
        }
        for worker in workers { await worker.disconnect() }
    }

    private var closed: StorageError {
        .unavailable(message: "the store \(address.text) is closed")
    }
}
