import Logging
import ServiceLifecycle
import Storage

/// Sends messages until the process is asked to stop. Any number of processes may run it.
package final class MessageService: Service {
    private let platform: Platform
    private let dispatchers: [MessageDispatcher]
    private static let interval = Duration.milliseconds(250)
    private static let renewal = Duration.seconds(2)
    private static let roundsMax = 1_000

    /// `address`: what links in messages begin with.
    package init(platform: Platform, channels: ChannelCatalog, address: String) {
        self.platform = platform
        let owner = platform.effects.randomHex(bytes: 8)
        dispatchers = channels.channels.map {
            MessageDispatcher(platform: platform, channel: $0, owner: owner, address: address) {
                Task.isShuttingDownGracefully
            }
        }
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for dispatcher in dispatchers {
                group.addTask {
                    // What is on its way when the process is asked to stop is held to its end.
                    let renewing = Task { await self.renew(dispatcher) }
                    await self.run(dispatcher)
                    renewing.cancel()
                }
            }
        }
    }

    private func renew(_ dispatcher: MessageDispatcher) async {
        for await _ in AsyncTimer(every: Self.renewal) {
            do {
                try await dispatcher.renew()
            } catch {
                platform.logger.warning(
                    "leases of messages could not be renewed",
                    metadata: ["error": "\(error)", "channel": "\(dispatcher.channel.name)"])
            }
        }
    }

    private func run(_ dispatcher: MessageDispatcher) async {
        var isFirst = true
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            do {
                if isFirst { try await dispatcher.takeOver() }
                isFirst = false
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
