import Storage

/// Sends what is due on one channel: claims under a lease, makes each message, asks the policy and writes it down as being
/// sent in one transaction, hands it over, writes down what became of it.
struct MessageDispatcher: Sendable {
    let platform: Platform
    let channel: any MessageChannel
    let owner: String
    /// `https://perennial.example.com`, which links in messages begin with.
    let address: String

    private struct Ready: Sendable {
        var message: SentMessage
        var outgoing: OutgoingMessage
        var version: Int64
        var variant: String
        var person: RecipientFacts
    }

    private enum Prepared: Sendable {
        case ready(Ready)
        case suppressed(Int64, reason: String)
        case failed(Int64, reason: String, detail: String)
    }

    /// One round. Returns whether there may be more that is due. Throws: `StorageError`, `CancellationError`.
    func round() async throws -> Bool {
        try await sweep()
        let claimed = try await claim()
        guard !claimed.isEmpty else { return false }
        var ready: [Ready] = []
        for prepared in try await prepare(claimed) {
            switch prepared {
            case .ready(let one): ready.append(one)
            case .suppressed(let id, let reason): try await suppress(id, reason)
            case .failed(let id, let reason, let detail): try await fail(id, reason, detail)
            }
        }
        // In the order of people, so that processes lock them in one order.
        ready.sort { ($0.person.profileID, $0.message.id) < ($1.person.profileID, $1.message.id) }
        for start in stride(from: 0, to: ready.count, by: MessageLimits.handed) {
            let part = Array(ready[start..<min(start + MessageLimits.handed, ready.count)])
            let leaving = try await permit(part)
            guard !leaving.isEmpty else { continue }
            let outcomes = await channel.send(leaving.map(\.outgoing), platform)
            try await record(zip(leaving, outcomes).map { ($0.message, $1) })
        }
        return claimed.count == MessageLimits.claimed
    }

    /// What a process left behind that died: claimed goes back, handed over nobody knows of.
    private func sweep() async throws {
        let (now, name, effects) = (platform.effects.now(), channel.name, platform.effects)
        let isLeft = try await platform.store.read { connection in
            try connection.first(
                """
                SELECT 1 FROM messages WHERE state = 'sending' AND channel = \(name)
                    AND lease_expires_ms < \(now.milliseconds) LIMIT 1
                """) != nil
        }
        guard isLeft else { return }
        try await platform.store.write { connection in
            let ids = try connection.query(
                """
                SELECT id FROM messages WHERE state = 'sending' AND channel = \(name)
                    AND lease_expires_ms < \(now.milliseconds) ORDER BY id
                    LIMIT \(MessageLimits.claimed)\(raw: connection.dialect.forUpdateSkipLocked)
                """
            ).map { try $0.int(0) }
            var events: [SystemEvent] = []
            for id in ids {
                try connection.execute(
                    """
                    UPDATE messages SET state = 'unknown', reason = 'cut_off', ended_ms = \(now.milliseconds),
                        updated_ms = \(now.milliseconds), owner = '' WHERE id = \(id)
                    """)
                events.append(MessageEvents.event(MessageEvents.unknown, try MessageList.get(id, connection), at: now))
            }
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        }
    }

    private func claim() async throws -> [SentMessage] {
        let (now, name, owner) = (platform.effects.now(), channel.name, owner)
        let isDue = try await platform.store.read { [channel] connection in
            guard try channel.bounds(connection).isSetUp else { return false }
            if let until = try MessageGate.load(name, connection)?.closedUntil, until > now { return false }
            return try connection.first(
                """
                SELECT 1 FROM messages WHERE state = 'planned' AND due_ms <= \(now.milliseconds) AND channel = \(name)
                    AND lease_expires_ms <= \(now.milliseconds) LIMIT 1
                """) != nil
        }
        guard isDue else { return [] }
        return try await platform.store.write { [channel] connection in
            let perSecond = try channel.bounds(connection).perSecond
            let wanted = try MessageGate.take(
                name, wanted: Int64(MessageLimits.claimed), most: perSecond * 10, every: 10_000, at: now, connection)
            guard wanted > 0 else { return [] }
            let rows = try connection.query(
                """
                SELECT \(raw: SentMessage.columns) FROM messages WHERE state = 'planned'
                    AND due_ms <= \(now.milliseconds) AND channel = \(name) AND lease_expires_ms <= \(now.milliseconds)
                    ORDER BY due_ms, id LIMIT \(wanted)\(raw: connection.dialect.forUpdateSkipLocked)
                """
            ).map(SentMessage.init(row:))
            try connection.executeMany(
                "UPDATE messages SET owner = ?, fence = fence + 1, lease_expires_ms = ? WHERE id = ?",
                rows.map {
                    [.text(owner), .integer(now.milliseconds + MessageLimits.leaseMilliseconds), .integer($0.id)]
                })
            return rows.map { row in
                var row = row
                row.fence += 1
                return row
            }
        }
    }

    // MARK: Making

    private func prepare(_ messages: [SentMessage]) async throws -> [Prepared] {
        let (effects, seal, address) = (platform.effects, platform.seal, address)
        let links: MessageLinks
        if let known = try await platform.store.read({ try MessageLinks.standing(address: address, seal, $0) }) {
            links = known
        } else {
            links = try await platform.store.write { try MessageLinks.load(address: address, seal, effects, $0) }
        }
        let now = effects.now()
        return try await platform.store.read { [channel] connection -> [Prepared] in
            let workspace = try Workspace.load(connection)
            let policy = try MessagePolicy.load(connection)
            var composers: [String: MessageComposer] = [:]
            return try messages.map { message -> Prepared in
                guard let person = try RecipientFacts.load(message.profileID, workspace, connection), person.isLiving
                else { return .suppressed(message.id, reason: "erased") }
                do {
                    // A test shows the draft, everything else what is in force.
                    let key = "\(message.templateID) \(message.origin == "test")"
                    let composer: MessageComposer
                    if let known = composers[key] {
                        composer = known
                    } else {
                        let template = try MessageTemplates.get(message.templateID, connection)
                        let content =
                            message.origin == "test"
                            ? template.draft
                            : try MessageTemplates.content(template.id, version: template.version, connection)
                        composer = MessageComposer(
                            template: template, content: content, policy: policy, links: links, now: now)
                        composers[key] = composer
                    }
                    let event = try JSONValue(parsing: message.values)
                    let to = message.origin == "test" ? event["test_address"]?.stringValue : nil
                    guard let to = to ?? channel.address(of: person) else {
                        return .suppressed(message.id, reason: "no_address")
                    }
                    let values = try TemplateValues.load(person, event: event, workspace, at: now, connection)
                    let made = try composer.make(
                        message: message.id, person, values, variant: event["test_variant"]?.stringValue,
                        isTest: message.origin == "test")
                    return .ready(
                        Ready(
                            message: message,
                            outgoing: OutgoingMessage(
                                id: message.id, profileID: person.profileID, address: to, subject: made.subject,
                                html: made.html, text: made.text, link: made.link, unsubscribeURL: made.unsubscribeURL),
                            version: composer.template.version, variant: made.variant, person: person))
                } catch let error as LiquidError {
                    return .failed(message.id, reason: "template", detail: "\(error.flaw), line \(error.line)")
                } catch TemplateError.notPublished {
                    return .failed(message.id, reason: "not_published", detail: "")
                }
            }
        }
    }

    private func suppress(_ id: Int64, _ reason: String) async throws {
        let effects = platform.effects
        try await platform.store.write { try MessageProgress.suppress([(id, reason)], effects, $0) }
    }

    private func fail(_ id: Int64, _ reason: String, _ detail: String) async throws {
        let effects = platform.effects
        try await platform.store.write { connection in
            let event = try Self.end(id, .failed, reason, detail, at: effects.now(), connection)
            try SystemEventLog.append([event], now: effects.now(), effects: effects, to: connection)
        }
    }

    private static func end(
        _ id: Int64, _ state: SentMessage.State, _ reason: String, _ detail: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> SystemEvent {
        try connection.execute(
            """
            UPDATE messages SET state = \(state.rawValue), reason = \(reason), detail = \(detail),
                ended_ms = \(now.milliseconds), updated_ms = \(now.milliseconds), owner = '' WHERE id = \(id)
            """)
        let names: [SentMessage.State: String] = [
            .bounced: MessageEvents.bounced, .unknown: MessageEvents.unknown, .failed: MessageEvents.failed,
        ]
        return MessageEvents.event(names[state] ?? MessageEvents.failed, try MessageList.get(id, connection), at: now)
    }

    // MARK: Leaving

    /// Asks the policy, and writes down as being sent what may leave: from here on it is never sent a second time.
    private func permit(_ part: [Ready]) async throws -> [Ready] {
        let (now, owner, effects) = (platform.effects.now(), owner, platform.effects)
        return try await platform.store.write { [channel] connection -> [Ready] in
            let workspace = try Workspace.load(connection)
            let check = PolicyCheck(
                policy: try MessagePolicy.load(connection), channel: channel, now: now, connection: connection)
            let perDomain = try channel.bounds(connection).perDomainMinute
            var leaving: [Ready] = []
            var suppressed: [(Int64, String)] = []
            for one in part {
                try connection.lock("message_person:\(one.person.profileID)")
                let isOurs = try connection.first(
                    """
                    SELECT 1 FROM messages WHERE id = \(one.message.id) AND state = 'planned' AND owner = \(owner)
                        AND fence = \(one.message.fence)\(raw: connection.dialect.forUpdate)
                    """)
                // Who the person is may have changed since the message was made: what they said counts as of now.
                guard isOurs != nil,
                    let person = try RecipientFacts.load(one.message.profileID, workspace, connection)
                else { continue }
                switch try check.verdict(one.message, person, address: one.outgoing.address) {
                case .suppressed(let reason): suppressed.append((one.message.id, reason))
                case .deferred(let until): try Self.wait(one.message.id, until, connection)
                case .eligible:
                    let scope = "\(channel.name):\(MailAddress.domain(of: one.outgoing.address))"
                    if perDomain > 0,
                        try MessageGate.take(
                            scope, wanted: 1, most: perDomain, every: 60_000, at: now, connection) == 0
                    {
                        try Self.wait(one.message.id, now.adding(milliseconds: 15_000), connection)
                        continue
                    }
                    try connection.execute(
                        """
                        UPDATE messages SET state = 'sending', eligible_ms = \(now.milliseconds),
                            template_version = \(one.version), variant = \(one.variant),
                            address = \(one.outgoing.address), subject = \(one.outgoing.subject),
                            attempts = attempts + 1, updated_ms = \(now.milliseconds),
                            lease_expires_ms = \(now.milliseconds + MessageLimits.leaseMilliseconds * 5)
                        WHERE id = \(one.message.id)
                        """)
                    leaving.append(one)
                }
            }
            try MessageProgress.suppress(suppressed.map { (id: $0.0, reason: $0.1) }, effects, connection)
            return leaving
        }
    }

    private static func wait(_ id: Int64, _ until: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE messages SET due_ms = \(until.milliseconds), owner = '', lease_expires_ms = 0 WHERE id = \(id)
            """)
    }

    // MARK: What became of it

    private func record(_ results: [(SentMessage, MessageOutcome)]) async throws {
        let (effects, name, jitter) = (platform.effects, channel.name, platform.effects.randomBytes(2))
        try await platform.store.write { connection in
            let now = effects.now()
            var events: [SystemEvent] = []
            for (message, outcome) in results {
                let id = message.id
                switch outcome {
                case .sent, .delivered:
                    try Self.succeed(id, outcome, at: now, connection)
                    try MessageGate.succeed(name, connection)
                    let row = try MessageList.get(id, connection)
                    events.append(MessageEvents.event(MessageEvents.sent, row, at: now))
                    if outcome == .delivered {
                        events.append(MessageEvents.event(MessageEvents.delivered, row, at: now))
                    }
                case .retry(let reason, let detail):
                    if reason == "unreachable" {
                        try MessageGate.fail(
                            name, isRefusal: false, reason: reason, detail: detail, at: now, connection)
                    }
                    if let event = try Self.again(message, reason, detail, jitter, at: now, connection) {
                        events.append(event)
                    }
                case .closed(let reason, let detail):
                    try MessageGate.fail(name, isRefusal: true, reason: reason, detail: detail, at: now, connection)
                    try Self.back(id, at: now.adding(milliseconds: MessageLimits.closedMilliseconds), connection)
                case .bounced(let reason, let detail, let suppresses):
                    try MessageGate.succeed(name, connection)
                    events.append(try Self.end(id, .bounced, reason, detail, at: now, connection))
                    if suppresses {
                        let address = try MessageList.get(id, connection).address
                        try Suppressions.add(
                            name, address, .bounce, detail: detail, message: id, by: "system", at: now, connection)
                    }
                case .unknown(let detail):
                    events.append(try Self.end(id, .unknown, "no_answer", detail, at: now, connection))
                }
            }
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        }
        for (_, outcome) in results { count(outcome) }
    }

    private static func succeed(
        _ id: Int64, _ outcome: MessageOutcome, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        var provider = ""
        if case .sent(let given) = outcome { provider = given }
        let isDelivered = outcome == .delivered
        // A receipt, or the person themselves, may have been faster than we are.
        try connection.execute(
            """
            UPDATE messages SET state = CASE WHEN state = 'sending' THEN \(isDelivered ? "delivered" : "sent") ELSE state END,
                sent_ms = coalesce(sent_ms, \(now.milliseconds)), provider_id = \(provider), reason = '', detail = '',
                updated_ms = \(now.milliseconds), owner = '' WHERE id = \(id)
            """)
        if isDelivered {
            try connection.execute(
                "UPDATE messages SET delivered_ms = coalesce(delivered_ms, \(now.milliseconds)) WHERE id = \(id)")
        }
    }

    private static func back(_ id: Int64, at due: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE messages SET state = 'planned', eligible_ms = NULL, due_ms = \(due.milliseconds), owner = '',
                lease_expires_ms = 0, attempts = attempts - 1 WHERE id = \(id)
            """)
    }

    /// Later, longer each time; the last attempt ends it.
    private static func again(
        _ message: SentMessage, _ reason: String, _ detail: String, _ random: [UInt8], at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> SystemEvent? {
        let attempts = message.attempts + 1
        guard attempts < MessageLimits.attempts else {
            return try end(message.id, .failed, reason, detail, at: now, connection)
        }
        let draw = random.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let pause = min(
            MessageLimits.backoffMilliseconds << (2 * min(attempts - 1, 10)), MessageLimits.backoffMaxMilliseconds)
        let due = now.milliseconds + pause + pause * draw / (10 << 16)
        try connection.execute(
            """
            UPDATE messages SET state = 'planned', eligible_ms = NULL, reason = \(reason), detail = \(detail),
                due_ms = \(due), owner = '', lease_expires_ms = 0 WHERE id = \(message.id)
            """)
        return nil
    }

    private func count(_ outcome: MessageOutcome) {
        let word =
            switch outcome {
            case .sent, .delivered: "sent"
            case .retry: "retry"
            case .bounced: "bounced"
            case .closed: "closed"
            case .unknown: "unknown"
            }
        platform.metrics.counter(
            "perennial_messages_total", "Messages handed over.", ["channel": channel.name, "outcome": word]
        ).increment()
    }
}
