import Storage

/// What became of messages of one channel, gathered and written down in a few statements, with what is said of it.
///
/// A message that came further meanwhile (a receipt, or the person, was faster than we are) keeps where it is; one that
/// was given up as unknown by another process becomes what is known of it now. One that took another channel meanwhile has
/// another fence, and nothing of this is written to it.
struct MessageOutcomes: Sendable {
    private let channel: String
    private let now: Timestamp
    private var sent: [Sent] = []
    private var later: [(message: SentMessage, due: Timestamp, reason: String, detail: String, counts: Bool)] = []
    private var ended: [(message: SentMessage, from: Set<SentMessage.State>)] = []
    private var bounced: [(message: SentMessage, reason: String, detail: String, suppresses: Bool)] = []
    /// Of `message_gates`: the ways by which something left or was answered, was not reached, and was refused.
    private var reached: Set<String> = []
    private var unreachable: [String: (reason: String, detail: String)] = [:]
    private var refusals: [String: (reason: String, detail: String)] = [:]

    private struct Sent {
        var message: SentMessage
        var provider = ""
        var units: Int64 = 0
        var costMicro: Int64 = 0
        var isDelivered = false
    }

    init(channel: String, at now: Timestamp) {
        self.channel = channel
        self.now = now
    }

    var isEmpty: Bool { sent.isEmpty && later.isEmpty && ended.isEmpty }

    /// `account`: of the provider that carries it, if there is one.
    mutating func take(_ message: SentMessage, _ outcome: MessageOutcome, account: String?, _ random: [UInt8]) {
        let scope = { [channel] (closure: MessageClosure) in
            closure.scope(channel: channel, account: account, template: message.templateID)
        }
        switch outcome {
        case .sent(let provider, let units, let cost):
            reached.formUnion([scope(.channel), scope(.account), scope(.template)])
            sent.append(Sent(message: message, provider: provider, units: units, costMicro: cost))
        case .delivered:
            reached.formUnion([scope(.channel), scope(.account), scope(.template)])
            sent.append(Sent(message: message, isDelivered: true))
        case .retry(MessageOutcome.untriedReason, _, _): later.append((message, now, "", "", false))
        case .retry(let reason, let detail, let after):
            if [MessageOutcome.unreachableReason, "busy"].contains(reason) {
                unreachable[scope(.account)] = (reason, detail)
            } else {
                reached.formUnion([scope(.channel), scope(.account)])
            }
            again(message, reason, detail, after, random)
        case .closed(let reason, let detail, let closure):
            refusals[scope(closure)] = (reason, detail)
            let pause = now.adding(milliseconds: MessageLimits.closedMilliseconds)
            guard reason == MessageOutcome.policyReason else {
                return later.append((message, pause, "", "", false))
            }
            // It may be this letter that is refused, and not we: it does not close the way for others for ever.
            guard message.attempts + 1 < MessageLimits.refusals else { return end(message, .bounced, reason, detail) }
            later.append((message, pause, reason, detail, true))
        case .bounced(let reason, let detail, let suppresses):
            reached.formUnion([scope(.channel), scope(.account)])
            end(message, .bounced, reason, detail)
            bounced.append((message, reason, detail, suppresses))
        case .unknown(let detail): end(message, .unknown, "no_answer", detail)
        }
    }

    /// Later, longer each time unless it is said when (`after`); the last attempt ends it.
    private mutating func again(
        _ message: SentMessage, _ reason: String, _ detail: String, _ after: Int64?, _ random: [UInt8]
    ) {
        let attempts = message.attempts + 1
        guard attempts < MessageLimits.attempts else { return end(message, .failed, reason, detail) }
        let draw = random.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let usual = min(
            MessageLimits.backoffMilliseconds << (2 * min(attempts - 1, 10)), MessageLimits.backoffMaxMilliseconds)
        let pause = after ?? usual
        later.append((message, now.adding(milliseconds: pause + pause * draw / (10 << 16)), reason, detail, true))
    }

    mutating func end(
        _ message: SentMessage, _ state: SentMessage.State, _ reason: String, _ detail: String,
        from: Set<SentMessage.State> = [.sending, .unknown]
    ) {
        var message = message
        (message.state, message.reason, message.detail) = (state, reason, detail)
        ended.append((message, from))
    }

    // MARK: Writing

    /// Throws: `StorageError`.
    func write(_ effects: Effects, _ connection: any SQLConnection) throws {
        var events = try writeSent(connection)
        try writeLater(connection)
        events += try writeEnded(connection)
        for (message, reason, detail, suppresses) in bounced {
            guard try suppresses || MessageProgress.isUnreachable(message, reason, connection) else { continue }
            try Suppressions.add(
                channel, message.address, .bounce, detail: detail, message: message.id, by: "system", at: now,
                connection)
        }
        try writeGates(connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
    }

    private func writeSent(_ connection: any SQLConnection) throws -> [SystemEvent] {
        let changed = try connection.executeMany(
            """
            UPDATE messages SET reason = CASE WHEN state IN ('sending', 'unknown') THEN '' ELSE reason END,
                detail = CASE WHEN state IN ('sending', 'unknown') THEN '' ELSE detail END,
                state = CASE WHEN state IN ('sending', 'unknown') THEN 'sent' ELSE state END,
                sent_ms = coalesce(sent_ms, ?), provider_id = ?, units = units + ?, cost_micro = cost_micro + ?,
                updated_ms = ?, owner = '' WHERE id = ? AND fence = ?
            """,
            sent.map {
                [
                    .integer(now.milliseconds), .text($0.provider), .integer($0.units), .integer($0.costMicro),
                    .integer(now.milliseconds), .integer($0.message.id), .integer($0.message.fence),
                ]
            })
        let done = zip(sent, changed).filter { $0.1 == 1 }.map(\.0)
        try connection.executeMany(
            """
            UPDATE messages SET state = CASE WHEN state = 'sent' THEN 'delivered' ELSE state END,
                delivered_ms = coalesce(delivered_ms, ?) WHERE id = ?
            """, done.filter(\.isDelivered).map { [.integer(now.milliseconds), .integer($0.message.id)] })
        return done.flatMap { one in
            var message = one.message
            message.reason = ""
            let names = one.isDelivered ? [MessageEvents.sent, MessageEvents.delivered] : [MessageEvents.sent]
            return names.map { MessageEvents.event($0, message, at: now) }
        }
    }

    private func writeLater(_ connection: any SQLConnection) throws {
        try connection.executeMany(
            """
            UPDATE messages SET state = 'planned', eligible_ms = NULL, reason = ?, detail = ?, due_ms = ?, owner = '',
                lease_expires_ms = 0, attempts = attempts - ?, updated_ms = ?
            WHERE id = ? AND fence = ? AND state IN ('sending', 'unknown')
            """,
            later.map {
                [
                    .text($0.reason), .text($0.detail), .integer($0.due.milliseconds), .integer($0.counts ? 0 : 1),
                    .integer(now.milliseconds), .integer($0.message.id), .integer($0.message.fence),
                ]
            })
    }

    private func writeEnded(_ connection: any SQLConnection) throws -> [SystemEvent] {
        let names: [SentMessage.State: String] = [
            .bounced: MessageEvents.bounced, .unknown: MessageEvents.unknown, .failed: MessageEvents.failed,
        ]
        var events: [SystemEvent] = []
        var staying: [(message: SentMessage, from: Set<SentMessage.State>)] = []
        for one in ended {
            if let rerouted = try reroute(one.message, from: one.from, connection) {
                events.append(rerouted)
            } else {
                staying.append(one)
            }
        }
        for (from, own) in Dictionary(grouping: staying, by: \.from) {
            let states = from.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            let changed = try connection.executeMany(
                """
                UPDATE messages SET state = ?, reason = ?, detail = ?, ended_ms = ?, updated_ms = ?, owner = ''
                WHERE id = ? AND fence = ? AND state IN (\(states))
                """,
                own.map { message, _ in
                    [
                        .text(message.state.rawValue), .text(message.reason), .text(message.detail),
                        .integer(now.milliseconds), .integer(now.milliseconds), .integer(message.id),
                        .integer(message.fence),
                    ]
                })
            for ((message, _), count) in zip(own, changed) where count == 1 {
                events.append(MessageEvents.event(names[message.state] ?? MessageEvents.failed, message, at: now))
            }
        }
        return events
    }

    /// Sends on what did not get through to the next channel that was named; what nobody knows of stays.
    private func reroute(
        _ message: SentMessage, from: Set<SentMessage.State>, _ connection: any SQLConnection
    ) throws -> SystemEvent? {
        guard message.state != .unknown, !message.fallbacks.isEmpty else { return nil }
        let row = try connection.first(
            """
            SELECT \(raw: SentMessage.columns) FROM messages
            WHERE id = \(message.id) AND fence = \(message.fence)\(raw: connection.dialect.forUpdate)
            """)
        guard let standing = try row.map(SentMessage.init(row:)), from.contains(standing.state) else { return nil }
        return try MessageRoutes.next(
            after: standing, message.state, message.reason, message.detail, at: now, connection)
    }

    /// A server that took or answered something is reached; one that nothing could be given to is not, however many
    /// messages were waiting for it.
    private func writeGates(_ connection: any SQLConnection) throws {
        for scope in reached.union(refusals.keys).union(unreachable.keys).sorted() {
            if reached.contains(scope) { try MessageGate.succeed(scope, connection) }
            if let refusal = refusals[scope] {
                try MessageGate.fail(
                    scope, isRefusal: true, reason: refusal.reason, detail: refusal.detail, at: now, connection)
            } else if !reached.contains(scope), let failure = unreachable[scope] {
                try MessageGate.fail(
                    scope, isRefusal: false, reason: failure.reason, detail: failure.detail, at: now, connection)
            }
        }
    }
}
