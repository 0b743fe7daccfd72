import Logging
import ServiceLifecycle
import Storage
import Synchronization

/// Tells and sends, until the process is asked to stop. Any number of processes may run it; one at a time works.
package final class WebhookService: Service {
    private let platform: Platform
    private let consumer: WebhookConsumer
    private let sender: WebhookSender

    private struct State {
        var isOurs = false
        var balancedAt: Int64 = .min / 2
        /// Endpoints that a run is sending to.
        var running: Set<Int64> = []
    }

    private let state = Mutex(State())

    private static let interval = Duration.milliseconds(250)
    private static let balanceMilliseconds: Int64 = 2_000
    /// How often the place in the log is brought up while nobody wants to be told.
    private static let idleMilliseconds: Int64 = 60_000

    package init(platform: Platform, transport: @escaping WebhookTransport) {
        self.platform = platform
        consumer = WebhookConsumer(platform: platform)
        sender = WebhookSender(platform: platform, owner: consumer.lease.owner, transport: transport)
    }

    package func run() async throws {
        try await consumer.prepare()
        await withDiscardingTaskGroup { group in
            for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
                await guarded {
                    guard try await self.tell() else { return }
                    for endpoint in try await self.sender.due() where self.begin(endpoint) {
                        group.addTask {
                            await self.guarded { try await self.sender.run(endpoint) }
                            self.state.withLock { _ = $0.running.remove(endpoint) }
                        }
                    }
                }
            }
        }
        try await consumer.release()
    }

    /// Tells and sends all that there is now, and returns: for commands and tests.
    package func catchUp() async throws {
        try await consumer.prepare()
        _ = try await consumer.balance()
        while try await consumer.step() {}
        try await consumer.skip()
        for endpoint in try await sender.due() { try await sender.run(endpoint) }
        try await consumer.release()
    }

    /// Reads the log as far as it goes. Returns whether sending is this process's work.
    private func tell() async throws -> Bool {
        let now = platform.effects.now().milliseconds
        let isWanted = try await consumer.isWanted()
        let pause = isWanted ? Self.balanceMilliseconds : Self.idleMilliseconds
        if now - state.withLock({ $0.balancedAt }) >= pause {
            let isOurs = try await consumer.balance()
            state.withLock {
                $0.isOurs = isOurs
                $0.balancedAt = now
            }
            if !isWanted { try await consumer.skip() }
        }
        guard isWanted, state.withLock({ $0.isOurs }) else { return false }
        while try await consumer.step(), !Task.isShuttingDownGracefully {}
        return true
    }

    private func begin(_ endpoint: Int64) -> Bool {
        state.withLock { state in
            guard state.running.count < WebhookLimits.endpointsAtOnce else { return false }
            return state.running.insert(endpoint).inserted
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
