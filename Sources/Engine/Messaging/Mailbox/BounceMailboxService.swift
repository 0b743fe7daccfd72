import Logging
import ServiceLifecycle
import Storage

/// Looks into the mailbox that letters come back to until the process is asked to stop. Any number of processes may run it.
package final class BounceMailboxService: Service {
    private let platform: Platform
    private let poll: BounceMailboxPoll

    private static let interval = Duration.seconds(2)
    private static let stepsMax = 1_000

    package init(platform: Platform) {
        self.platform = platform
        poll = BounceMailboxPoll(platform: platform)
    }

    package func run() async throws {
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            do {
                try await catchUp()
            } catch is CancellationError {
                return
            } catch {
                platform.logger.warning("mailbox paused", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Reads all that is due now, and returns.
    package func catchUp() async throws {
        var steps = 0
        while steps < Self.stepsMax, !Task.isShuttingDownGracefully, try await poll.step() { steps += 1 }
    }
}
