import Logging
import ServiceLifecycle
import Storage

/// Sends messages until the process is asked to stop. Any number of processes may run it.
package final class MessageService: Service {
    private let platform: Platform
    private let dispatchers: [MessageDispatcher]
    private static let interval = Duration.milliseconds(250)
    private static let roundsMax = 1_000

    /// `address`: what links in messages begin with.
    package init(platform: Platform, channels: ChannelCatalog, address: String) {
        self.platform = platform
        let owner = platform.effects.randomHex(bytes: 8)
        dispatchers = channels.channels.map {
            MessageDispatcher(platform: platform, channel: $0, owner: owner, address: address)
        }
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for dispatcher in dispatchers {
                group.addTask { await self.run(dispatcher) }
            }
        }
    }

    private func run(_ dispatcher: MessageDispatcher) async {
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            do {
                while !Task.isShuttingDownGracefully, try await dispatcher.round() {}
            } catch is CancellationError {
                return
            } catch {
                platform.logger.warning(
                    "messages paused", metadata: ["error": "\(error)", "channel": "\(dispatcher.channel.name)"])
            }
        }
    }

    /// Sends all that is due now, and returns: for commands and tests.
    package func catchUp() async throws {
        for dispatcher in dispatchers {
            var rounds = 0
            while rounds < Self.roundsMax, try await dispatcher.round() { rounds += 1 }
        }
    }
}
