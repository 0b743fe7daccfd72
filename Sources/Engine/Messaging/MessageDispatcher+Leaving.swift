import Storage

extension MessageDispatcher {
    /// Asks the policy, and writes down as being sent what may leave: from here on it is never sent a second time.
    func permit(_ part: [Ready]) async throws -> [Ready] {
        let (now, owner, effects) = (platform.effects.now(), owner, platform.effects)
        return try await platform.store.write { [channel] connection -> [Ready] in
            try connection.lock(all: part.map { Self.lock(of: $0.person.profileID) })
            // Closed since these were claimed: they wait, and none of them has been tried.
            if try MessageGate.isClosed(channel.name, at: now, connection) {
                try Self.release(part.map(\.message), owner, connection)
                return []
            }
            let bounds = try channel.bounds(connection)
            var gates = OpenGates(channel: channel, bounds: bounds, now: now)
            let candidates = try Self.candidates(part, owner, connection)
            var check = try PolicyCheck(
                candidates.map(\.asking), policy: try MessagePolicy.load(connection), channel: channel, now: now,
                connection)
            var eligible: [Ready] = []
            var suppressed: [(id: Int64, reason: String)] = []
            var waiting: [(id: Int64, until: Timestamp)] = []
            for (one, asking) in candidates {
                // One that cannot leave now takes nobody's place under a cap.
                if check.refusal(asking) == nil, let until = try gates.closed(one.outgoing, connection) {
                    waiting.append((one.message.id, until))
                    continue
                }
                switch check.verdict(asking) {
                case .suppressed(let reason): suppressed.append((one.message.id, reason))
                case .deferred(let until): waiting.append((one.message.id, until))
                case .eligible: eligible.append(one)
                }
            }
            let (leaving, late) = try Self.throttled(eligible, channel.name, bounds, &gates, at: now, connection)
            waiting += late.map { ($0.one.message.id, $0.until) }
            try connection.executeMany(
                "UPDATE messages SET due_ms = ?, updated_ms = ?, owner = '', lease_expires_ms = 0 WHERE id = ?",
                waiting.map { [.integer($0.until.milliseconds), .integer(now.milliseconds), .integer($0.id)] })
            try Self.begin(leaving, at: now, connection)
            try MessageProgress.suppress(suppressed, effects, connection)
            return leaving
        }
    }

    /// Those that are still this process's. Who the person is may have changed since the message was made: what they said
    /// counts as of now. Whoever turned out to be somebody else is not the one whose lock is held: their messages are given
    /// back, and asked again as theirs.
    private static func candidates(
        _ part: [Ready], _ owner: String, _ connection: any SQLConnection
    ) throws -> [(one: Ready, asking: PolicyCheck.Candidate)] {
        let rows = try connection.query(
            """
            SELECT id, fence FROM messages WHERE id IN (\(list: part.map(\.message.id))) AND state = 'planned'
                AND owner = \(owner) ORDER BY id\(raw: connection.dialect.forUpdate)
            """)
        let fences = Dictionary(try rows.map { (try $0.int(0), try $0.int(1)) }) { first, _ in first }
        let own = part.filter { fences[$0.message.id] == $0.message.fence }
        let people = try RecipientFacts.load(
            own.map(\.message.profileID), try Workspace.load(connection), connection)
        try Self.release(
            own.filter { people[$0.message.profileID]?.profileID != $0.person.profileID }.map(\.message), owner,
            connection)
        return own.compactMap { one in
            guard let person = people[one.message.profileID], person.profileID == one.person.profileID else {
                return nil
            }
            return (one, PolicyCheck.Candidate(one.message, person, address: one.outgoing.address))
        }
    }

    /// What the pace for each person and the bound of each domain let through, and what comes later.
    private static func throttled(
        _ eligible: [Ready], _ channel: String, _ bounds: ChannelBounds, _ gates: inout OpenGates, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (leaving: [Ready], late: [(one: Ready, until: Timestamp)]) {
        var (open, late): ([Ready], [(one: Ready, until: Timestamp)]) = ([], [])
        for one in eligible {
            if let until = try gates.paced(one.person.profileIDs, connection) {
                late.append((one, until))
            } else {
                open.append(one)
            }
        }
        let most = bounds.perDomainMinute
        guard most > 0 else { return (open, late) }
        var leaving: [Ready] = []
        let pause = now.adding(milliseconds: MessageLimits.domainPauseMilliseconds)
        let domains = Dictionary(grouping: open) { MailAddress.domain(of: $0.outgoing.address) }
        for (domain, own) in domains.sorted(by: { $0.key < $1.key }) {
            let taken = try MessageGate.take(
                "\(channel):\(domain)", wanted: Int64(own.count), most: most, every: 60_000, at: now, connection)
            leaving += own.prefix(Int(taken))
            late += own.dropFirst(Int(taken)).map { ($0, pause) }
        }
        return (leaving, late)
    }

    private static func begin(_ leaving: [Ready], at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.executeMany(
            """
            UPDATE messages SET state = 'sending', eligible_ms = ?, template_version = ?, variant = ?, address = ?,
                subject = ?, attempts = attempts + 1, updated_ms = ?, lease_expires_ms = ? WHERE id = ?
            """,
            leaving.map { one in
                [
                    .integer(now.milliseconds), .integer(one.version), .text(one.variant),
                    .text(one.outgoing.address), .text(one.outgoing.subject), .integer(now.milliseconds),
                    .integer(now.milliseconds + MessageLimits.leaseMilliseconds), .integer(one.message.id),
                ]
            })
    }

    // MARK: What became of it

    /// Writes down what became of it, again and again while the store cannot be written to: nobody else knows.
    func record(_ results: [(one: Ready, outcome: MessageOutcome)]) async {
        let (effects, channel, jitter) = (platform.effects, channel, platform.effects.randomBytes(2))
        var pause = Duration.milliseconds(250)
        for attempt in 1...MessageLimits.recordAttempts {
            do {
                try await platform.store.write { connection in
                    var outcomes = MessageOutcomes(channel: channel.name, at: effects.now())
                    for (one, outcome) in results {
                        var message = one.message
                        (message.variant, message.address) = (one.variant, one.outgoing.address)
                        outcomes.take(message, outcome, account: channel.account(of: one.outgoing), jitter)
                    }
                    try outcomes.write(effects, connection)
                }
                break
            } catch {
                platform.logger.warning(
                    "what became of messages could not be written down",
                    metadata: ["error": "\(error)", "channel": "\(channel.name)", "attempt": "\(attempt)"])
                do { try await Task.sleep(for: pause) } catch { break }
                pause = min(pause * 2, .seconds(8))
            }
        }
        for (_, outcome) in results { count(outcome) }
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
