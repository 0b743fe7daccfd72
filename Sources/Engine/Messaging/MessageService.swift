import Logging
import ServiceLifecycle
import Storage

/// Sends messages until the process is asked to stop. Any number of processes may run it.
package final class MessageService: Service {
    private let platform: Platform
    private let dispatchers: [MessageDispatcher]
    private let staffMail: StaffTaskMail?
    private let optIns: OptInConsumer
    private static let interval = Duration.milliseconds(250)
    private static let renewal = Duration.seconds(2)
    private static let consentInterval = Duration.milliseconds(500)
    private static let houseInterval = Duration.seconds(60)
    private static let staffInterval = Duration.seconds(10)
    private static let roundsMax = 1_000

    /// `address`: what links in messages begin with.
    package init(platform: Platform, channels: ChannelCatalog, address: String) {
        self.platform = platform
        optIns = OptInConsumer(platform: platform)
        let owner = platform.effects.randomHex(bytes: 8)
        dispatchers = channels.channels.map {
            MessageDispatcher(platform: platform, channel: $0, owner: owner, address: address) {
                Task.isShuttingDownGracefully
            }
        }
        staffMail = (channels.channel("email") as? EmailChannel).map {
            StaffTaskMail(platform: platform, channel: $0, address: address)
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
            group.addTask { await self.keepHouse() }
            if let staffMail { group.addTask { await self.run(staffMail) } }
            group.addTask { await self.askForConsent() }
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

    /// What comes due beside the sending: requests for consent that nobody confirmed, broadcasts that are over.
    private func keepHouse() async {
        for await _ in AsyncTimer(every: Self.houseInterval).cancelOnGracefulShutdown() {
            do { try await lapse() } catch is CancellationError { return } catch {
                platform.logger.warning("requests for consent are not lapsed", metadata: ["error": "\(error)"])
            }
            do { try await Broadcasts.finish(platform) } catch is CancellationError { return } catch {
                platform.logger.warning("broadcasts are not finished", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Reads in the log who agreed to mail and has to confirm it.
    private func askForConsent() async {
        var isPrepared = false
        for await _ in AsyncTimer(every: Self.consentInterval).cancelOnGracefulShutdown() {
            do {
                if !isPrepared { try await optIns.lease.prepare() }
                isPrepared = true
                guard try await optIns.lease.keep() else { continue }
                while !Task.isShuttingDownGracefully, try await optIns.step() {}
            } catch is CancellationError {
                break
            } catch {
                platform.logger.warning("consent is not asked for", metadata: ["error": "\(error)"])
            }
        }
        do { try await optIns.lease.release() } catch {
            platform.logger.warning("the reader of consent was not let go", metadata: ["error": "\(error)"])
        }
    }

    private func lapse() async throws {
        let effects = platform.effects
        while try await platform.store.read({ try OptIns.isLapsing(at: effects.now(), $0) }) {
            guard try await platform.store.write({ try OptIns.sweep(effects, $0) }) > 0 else { return }
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

    private func run(_ mail: StaffTaskMail) async {
        for await _ in AsyncTimer(every: Self.staffInterval).cancelOnGracefulShutdown() {
            do {
                _ = try await mail.round()
            } catch is CancellationError {
                return
            } catch {
                platform.logger.warning("no letter told of new tasks", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Sends all that is due now, and returns: for commands and tests.
    package func catchUp() async throws {
        try await lapse()
        try await optIns.lease.prepare()
        if try await optIns.lease.balance() { while try await optIns.step() {} }
        try await optIns.lease.release()
        for dispatcher in dispatchers {
            var rounds = 0
            while rounds < Self.roundsMax, try await dispatcher.round() { rounds += 1 }
        }
        try await Broadcasts.finish(platform)
        _ = try await staffMail?.round()
    }
}
