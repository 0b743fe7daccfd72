import Storage

/// A channel whose messages providers carry: each message by the provider whose template it is made of, or else by the
/// first that is set up.
package struct ProviderChannel: MessageChannel {
    package let name: String
    package let needsConsent: Bool
    /// Milliseconds between two messages to one person.
    private let perPersonMilliseconds: Int64
    /// Messages a minute to one domain, or to one address that is no mail's; 0: no bound.
    private let perDomainMinute: Int64
    private let catalog: ProviderCatalog
    private let reach: @Sendable (RecipientFacts, any SQLConnection) throws -> String?

    /// `reach`: where a person is written to; nil: nowhere.
    package init(
        _ name: String, needsConsent: Bool = true, perPersonMilliseconds: Int64 = 0, perDomainMinute: Int64 = 0,
        _ catalog: ProviderCatalog,
        reach: @escaping @Sendable (RecipientFacts, any SQLConnection) throws -> String?
    ) {
        self.name = name
        self.needsConsent = needsConsent
        self.perPersonMilliseconds = perPersonMilliseconds
        self.perDomainMinute = perDomainMinute
        self.catalog = catalog
        self.reach = reach
    }

    package func bounds(_ connection: any SQLConnection) throws -> ChannelBounds {
        let living = try accounts(connection)
        // A bound holds for the channel when all its accounts have one.
        let rates = living.map(\.account.perSecond)
        return ChannelBounds(
            perSecond: rates.contains(0) ? 0 : rates.reduce(0, +), perDomainMinute: perDomainMinute,
            perPersonMilliseconds: perPersonMilliseconds,
            isSetUp: !living.isEmpty)
    }

    package func address(of person: RecipientFacts, _ connection: any SQLConnection) throws -> String? {
        try reach(person, connection)
    }

    package func account(of message: OutgoingMessage) -> String? {
        message.content.flatMap { $0.provider.isEmpty ? nil : $0.provider }
    }

    private func accounts(
        _ connection: any SQLConnection
    ) throws -> [(provider: any MessageProvider, account: ProviderAccount)] {
        try catalog.of(name).map { ($0, try ProviderAccount.load($0, connection)) }
            .filter { $0.1.isEnabled && $0.1.isComplete($0.0) }
    }

    package func send(_ messages: [OutgoingMessage], _ platform: Platform) async -> [MessageOutcome] {
        let ready: [(provider: any MessageProvider, line: ProviderLine)]
        do {
            ready = try await platform.store.read { try accounts($0) }.map { provider, account in
                let access = try account.opened(provider, platform.seal)
                return (
                    provider, ProviderLine(account: access, platform: platform, transport: catalog.transport)
                )
            }
        } catch {
            return messages.map { _ in .closed(reason: "not_set_up", detail: String("\(error)".prefix(200))) }
        }
        return await withTaskGroup(of: (Int, MessageOutcome).self) { group in
            var outcomes = messages.map { _ in
                MessageOutcome.retry(reason: MessageOutcome.unreachableReason, detail: "")
            }
            for (number, message) in messages.enumerated() {
                if number >= ProviderLimits.handedAtOnce, let (done, outcome) = await group.next() {
                    outcomes[done] = outcome
                }
                let wanted = account(of: message)
                guard let (provider, line) = ready.first(where: { wanted == nil || $0.provider.name == wanted }) else {
                    outcomes[number] = .closed(reason: "not_set_up", detail: wanted ?? name, .account)
                    continue
                }
                group.addTask { (number, await Self.send(message, provider, line)) }
            }
            for await (done, outcome) in group { outcomes[done] = outcome }
            return outcomes
        }
    }

    private static func send(
        _ message: OutgoingMessage, _ provider: any MessageProvider, _ line: ProviderLine
    ) async -> MessageOutcome {
        let outcome = await provider.send(message, line)
        guard case .sent(let id, _, _) = outcome else { return outcome }
        let units = provider.units(of: message)
        return .sent(providerID: id, units: units, costMicro: units * line.account.priceMicro)
    }
}
