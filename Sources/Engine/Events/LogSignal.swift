import ServiceLifecycle
import Synchronization

/// Wakes the consumers of the log in this process when something was appended, so that they need not poll fast.
///
/// Consumers in other processes find new work by polling; a lost signal costs one poll interval, never an event.
package final class LogSignal: Service {
    private let continuations = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])

    /// How often listeners look for work that another process appended.
    private static let pollInterval = Duration.milliseconds(200)

    package init() {}

    /// Fires at every poll interval until shutdown.
    package func run() async throws {
        for await _ in AsyncTimer(every: Self.pollInterval).cancelOnGracefulShutdown() {
            fire()
        }
    }

    /// Tells every listener that there may be work.
    package func fire() {
        for continuation in continuations.withLock({ $0 }).values { continuation.yield() }
    }

    /// A stream that yields at each signal; signals that come while the listener is busy fold into one.
    package func listen() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = continuations.withLock { table in
            let id = (table.keys.max() ?? 0) + 1
            table[id] = continuation
            return id
        }
        continuation.onTermination = { [weak self] _ in
            self?.continuations.withLock { $0[id] = nil }
        }
        return stream
    }
}
