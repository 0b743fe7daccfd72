import Logging
import ServiceLifecycle
import Storage
import Synchronization

/// Applies receipts until the process is asked to stop. Any number of processes may run it; one at a time works.
package final class ReceiptService: Service {
    private let platform: Platform
    private let consumer: ReceiptConsumer
    private let balancedAt = Mutex<Int64>(.min / 2)
    private let isOurs = Mutex(false)

    private static let interval = Duration.milliseconds(250)
    private static let balanceMilliseconds: Int64 = 2_000

    package init(platform: Platform, providers: ProviderCatalog) {
        self.platform = platform
        consumer = ReceiptConsumer(platform: platform, catalog: providers)
    }

    package func run() async throws {
        try await consumer.prepare()
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            do {
                try await round()
            } catch is CancellationError {
                break
            } catch {
                platform.logger.warning("receipts paused", metadata: ["error": "\(error)"])
            }
        }
        try await consumer.release()
    }

    private func round() async throws {
        let now = platform.effects.now().milliseconds
        if now - balancedAt.withLock({ $0 }) >= Self.balanceMilliseconds {
            let holds = try await consumer.balance()
            isOurs.withLock { $0 = holds }
            balancedAt.withLock { $0 = now }
        }
        guard isOurs.withLock({ $0 }) else { return }
        while !Task.isShuttingDownGracefully, try await consumer.step() {}
        while !Task.isShuttingDownGracefully, try await consumer.retry() {}
    }

    /// Applies all that there is now, and returns: for commands and tests.
    package func catchUp() async throws {
        try await consumer.prepare()
        _ = try await consumer.balance()
        while try await consumer.step() {}
        while try await consumer.retry() {}
        try await consumer.release()
    }
}
