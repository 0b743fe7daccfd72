import Logging
import ServiceLifecycle
import Storage

/// Welcomes customers and takes tasks on until the process is asked to stop. Any number of processes may run it.
package final class WeComService: Service {
    private let platform: Platform
    private let welcomes: WeComWelcomes
    private let tasks: WeComTasks

    /// A welcome has twenty seconds.
    private static let welcomeInterval = Duration.milliseconds(250)
    private static let taskInterval = Duration.seconds(2)
    private static let stepsMax = 1_000

    package init(platform: Platform, providers: ProviderCatalog) {
        self.platform = platform
        welcomes = WeComWelcomes(platform: platform, catalog: providers)
        tasks = WeComTasks(platform: platform, catalog: providers)
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.repeating(Self.welcomeInterval) { try await self.welcomes.step() } }
            group.addTask { await self.repeating(Self.taskInterval) { try await self.tasks.step() } }
        }
    }

    private func repeating(_ interval: Duration, _ step: @Sendable () async throws -> Bool) async {
        for await _ in AsyncTimer(every: interval).cancelOnGracefulShutdown() {
            do {
                while !Task.isShuttingDownGracefully, try await step() {}
            } catch is CancellationError {
                return
            } catch {
                platform.logger.warning("wecom paused", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Does all that is due now, and returns: for commands and tests.
    package func catchUp() async throws {
        var steps = 0
        while steps < Self.stepsMax, try await welcomes.step() { steps += 1 }
        while steps < Self.stepsMax, try await tasks.step() { steps += 1 }
    }
}
