import Dispatch
import Foundation
import Synchronization

/// Threads of their own for calls that block, each with a resource (a connection) that never leaves its thread.
///
/// Threads start when there is work for them. A resource that could not be made fails the call at hand; the next call
/// tries again. Calls are served in order of arrival.
final class BlockingThreads<Resource>: Sendable {
    private typealias Job = @Sendable (Result<Resource, any Error>) -> Void

    private struct State {
        var jobs: [Job] = []
        var started = 0
        var idle = 0
        var stopping = false
        var whenStopped: [CheckedContinuation<Void, Never>] = []
    }

    /// Beyond this many waiting calls a new one is refused rather than queued.
    private static var waitingMax: Int { 1000 }
    /// The parsers and executors behind these calls recurse.
    private static var stackBytes: Int { 8 << 20 }

    private let name: String
    private let count: Int
    private let make: @Sendable () throws -> Resource
    private let dispose: @Sendable (Resource) -> Void
    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)

    init(
        name: String, count: Int, make: @escaping @Sendable () throws -> Resource,
        dispose: @escaping @Sendable (Resource) -> Void
    ) {
        self.name = name
        self.count = count
        self.make = make
        self.dispose = dispose
    }

    /// Runs `body` on one of the threads.
    /// Throws: what `body` or the making of the resource throws; `StorageError.unavailable` when closed or overrun.
    func run<T: Sendable>(_ body: @escaping @Sendable (Resource) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let accepted = enqueue { resource in
                continuation.resume(with: Result { try body(try resource.get()) })
            }
            if let refusal = accepted { continuation.resume(throwing: refusal) }
        }
    }

    /// Makes the first resource now, without waiting for it.
    func warm() {
        _ = enqueue { _ in }
    }

    /// Runs `body` soon, without waiting for it; not at all when closed.
    func post(_ body: @escaping @Sendable (Resource) -> Void) {
        _ = enqueue { resource in
            if case .success(let made) = resource { body(made) }
        }
    }

    /// Finishes what is queued, disposes of the resources and ends the threads.
    func stop() async {
        await withCheckedContinuation { continuation in
            let running = state.withLock { state in
                state.stopping = true
                if state.started > 0 { state.whenStopped.append(continuation) }
                return state.started
            }
            if running == 0 { continuation.resume() }
            for _ in 0..<running { work.signal() }
        }
    }

    private func enqueue(_ job: @escaping Job) -> StorageError? {
        let (refusal, start) = state.withLock { state -> (StorageError?, Bool) in
            if state.stopping { return (.unavailable(message: "the \(name) is closed"), false) }
            if state.jobs.count >= Self.waitingMax {
                return (.unavailable(message: "more than \(Self.waitingMax) calls wait for the \(name)"), false)
            }
            state.jobs.append(job)
            let start = state.idle < state.jobs.count && state.started < count
            if start { state.started += 1 }
            return (nil, start)
        }
        if let refusal { return refusal }
        if start {
            let thread = Thread { [self] in serve() }
            thread.name = name
            thread.stackSize = Self.stackBytes
            thread.start()
        }
        work.signal()
        return nil
    }

    private func serve() {
        var resource: Resource?
        while let job = next() {
            do {
                let ready = try resource ?? make()
                resource = ready
                job(.success(ready))
            } catch {
                job(.failure(error))
            }
        }
        if let resource { dispose(resource) }
        let waiting = state.withLock { state in
            state.started -= 1
            defer { if state.started == 0 { state.whenStopped = [] } }
            return state.started == 0 ? state.whenStopped : []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The next job, or nil when there is nothing left and the threads shall end.
    private func next() -> Job? {
        while true {
            let (job, ended) = state.withLock { state -> (Job?, Bool) in
                if !state.jobs.isEmpty { return (state.jobs.removeFirst(), false) }
                if !state.stopping { state.idle += 1 }
                return (nil, state.stopping)
            }
            if let job { return job }
            if ended { return nil }
            work.wait()
            state.withLock { $0.idle = max(0, $0.idle - 1) }
        }
    }
}
