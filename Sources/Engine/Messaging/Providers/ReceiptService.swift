import Logging
import ServiceLifecycle
import Storage

/// Applies receipts until the process is asked to stop. Any number of processes may run it; one at a time works.
package final class ReceiptService: Service {
    private let platform: Platform
    private let consumer: ReceiptConsumer

    private static let interval = Duration.milliseconds(250)

    package init(platform: Platform, providers: ProviderCatalog) {
        self.platform = platform
        consumer = ReceiptConsumer(platform: platform, catalog: providers)
    }

    package func run() async throws {
        try await consumer.lease.prepare()
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            do {
                try await round()
            } catch is CancellationError {
                break
            } catch {
                platform.logger.warning("receipts paused", metadata: ["error": "\(error)"])
            }
        }
        try await consumer.lease.release()
    }

    private func round() async throws {
        guard try await consumer.lease.keep() else { return }
        while !Task.isShuttingDownGracefully, try await consumer.step() {}
        while !Task.isShuttingDownGracefully, try await consumer.retry() {}
    }

    /// Applies all that there is now, and returns: for commands and tests.
    package func catchUp() async throws {
        try await consumer.lease.prepare()
        _ = try await consumer.lease.balance()
        while try await consumer.step() {}
        while try await consumer.retry() {}
        try await consumer.lease.release()
    }
}
