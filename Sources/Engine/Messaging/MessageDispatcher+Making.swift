import Storage

extension MessageDispatcher {
    private enum Prepared: Sendable {
        case ready(Ready)
        case suppressed(SentMessage, reason: String)
        case failed(SentMessage, reason: String, detail: String)
    }

    /// Makes what was claimed. What cannot be made for one person ends there, with its reason, and stops nobody else.
    func prepare(_ messages: [SentMessage]) async throws -> [Ready] {
        let (effects, links) = (platform.effects, try await links())
        let now = effects.now()
        let made = try await platform.store.read { [self] connection in
            try make(messages, links, at: now, connection)
        }
        var ready: [Ready] = []
        var suppressed: [(id: Int64, reason: String)] = []
        var outcomes = MessageOutcomes(channel: channel.name, at: now)
        for one in made {
            switch one {
            case .ready(let one): ready.append(one)
            case .suppressed(let message, let reason): suppressed.append((message.id, reason))
            case .failed(let message, let reason, let detail):
                outcomes.end(message, .failed, reason, detail, from: [.planned])
            }
        }
        if !suppressed.isEmpty || !outcomes.isEmpty {
            try await platform.store.write { [suppressed, outcomes] connection in
                try MessageProgress.suppress(suppressed, effects, connection)
                try outcomes.write(effects, connection)
            }
        }
        return ready
    }

    private func links() async throws -> MessageLinks {
        let (effects, seal, address) = (platform.effects, platform.seal, address)
        if let known = try await platform.store.read({ try MessageLinks.standing(address: address, seal, $0) }) {
            return known
        }
        return try await platform.store.write { try MessageLinks.load(address: address, seal, effects, $0) }
    }

    private func make(
        _ messages: [SentMessage], _ links: MessageLinks, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [Prepared] {
        let workspace = try Workspace.load(connection)
        let policy = try MessagePolicy.load(connection)
        let people = try RecipientFacts.load(messages.map(\.profileID), workspace, connection)
        var composers: [String: MessageComposer] = [:]
        return try messages.map { message -> Prepared in
            guard let person = people[message.profileID], person.isLiving else {
                return .suppressed(message, reason: "erased")
            }
            do {
                // A test shows the draft, everything else what is in force.
                let key = "\(message.templateID) \(message.origin == "test")"
                let composer =
                    try composers[key] ?? shelf.composer(of: message, policy: policy, links: links, at: now, connection)
                composers[key] = composer
                return try make(message, person, composer, workspace, at: now, connection)
            } catch let error as LiquidError {
                return .failed(message, reason: "template", detail: "\(error.flaw), line \(error.line)")
            } catch TemplateError.notPublished {
                return .failed(message, reason: "not_published", detail: "")
            } catch let error as StorageError {
                throw error
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                return .failed(message, reason: "template", detail: String("\(error)".prefix(500)))
            }
        }
    }

    private func make(
        _ message: SentMessage, _ person: RecipientFacts, _ composer: MessageComposer, _ workspace: Workspace,
        at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Prepared {
        let event = try JSONValue(parsing: message.values)
        if try MessageRoutes.isElsewhere(message, person, connection) {
            return .suppressed(message, reason: MessageRoutes.preferred)
        }
        let given = ["test": "test_address", "opt_in": "to_address"][message.origin]
        let asked = given.flatMap { event[$0]?.stringValue } ?? ""
        guard let to = asked.isEmpty ? try channel.address(of: person, connection) : asked else {
            return .suppressed(message, reason: "no_address")
        }
        let values = try TemplateValues.load(
            person, event: event, workspace, at: now, only: composer.asked, connection)
        let made = try composer.make(
            message: message.id, person, values, variant: event["test_variant"]?.stringValue,
            optIn: message.origin == "opt_in" ? message.originID : nil, isTest: message.origin == "test")
        return .ready(
            Ready(
                message: message,
                outgoing: OutgoingMessage(message.id, to: person, at: to, made, templateID: message.templateID),
                version: composer.template.version, variant: made.variant, person: person))
    }
}
