import Logging
import ServiceLifecycle
import Storage
import Synchronization

/// Tells and sends, until the process is asked to stop. Any number of processes may run it; one at a time works.
package final class WebhookService: Service {
    private let platform: Platform
    private let consumer: WebhookConsumer
    private let sender: WebhookSender
    private let watch = ClockWatch()

    /// Endpoints that a run is sending to.
    private let running = Mutex<Set<Int64>>([])

    private static let interval = Duration.milliseconds(250)
    /// How often the place in the log is brought up while nobody wants to be told.
    private static let idleMilliseconds: Int64 = 60_000

    package init(platform: Platform, transport: @escaping WebhookTransport) {
        self.platform = platform
        consumer = WebhookConsumer(platform: platform)
        sender = WebhookSender(platform: platform, owner: consumer.lease.owner, transport: transport)
    }

    package func run() async throws {
        try await consumer.lease.prepare()
        await withDiscardingTaskGroup { group in
            for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
                await guarded {
                    guard try await self.tell() else { return }
                    try await self.bringBack()
                    for endpoint in try await self.sender.due() where self.begin(endpoint) {
                        group.addTask {
                            await self.guarded { try await self.sender.run(endpoint) }
                            self.running.withLock { _ = $0.remove(endpoint) }
                        }
                    }
                }
            }
        }
        try await consumer.lease.release()
    }

    /// Tells and sends all that there is now, and returns: for commands and tests.
    package func catchUp() async throws {
        try await consumer.lease.prepare()
        _ = try await consumer.lease.balance()
        while try await consumer.step() {}
        try await consumer.skip()
        try await bringBack()
        for endpoint in try await sender.due() { try await sender.run(endpoint) }
        try await consumer.lease.release()
    }

    /// Reads the log as far as it goes. Returns whether sending is this process's work.
    private func tell() async throws -> Bool {
        let isWanted = try await consumer.isWanted()
        if consumer.lease.isDue(after: isWanted ? SoleLease.balanceMilliseconds : Self.idleMilliseconds) {
            _ = try await consumer.lease.balance()
            if !isWanted { try await consumer.skip() }
        }
        guard isWanted, consumer.lease.isOurs else { return false }
        while try await consumer.step(), !Task.isShuttingDownGracefully {}
        return true
    }

    private func bringBack() async throws {
        let now = platform.effects.now()
        try await watch.look(at: now) { try await sender.bringBack(at: now) }
    }

    private func begin(_ endpoint: Int64) -> Bool {
        running.withLock { running in
            guard running.count < WebhookLimits.endpointsAtOnce else { return false }
            return running.insert(endpoint).inserted
        }
    }

    private func guarded(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            return
        } catch {
            platform.logger.warning("webhooks paused", metadata: ["error": "\(error)"])
        }
    }
}
