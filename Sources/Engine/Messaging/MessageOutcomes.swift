import Storage

/// What became of messages of one channel, gathered and written down in a few statements, with what is said of it.
///
/// A message that came further meanwhile (a receipt, or the person, was faster than we are) keeps where it is; one that
/// was given up as unknown by another process becomes what is known of it now.
struct MessageOutcomes: Sendable {
    private let channel: String
    private let now: Timestamp
    private var sent: [(message: SentMessage, provider: String, isDelivered: Bool)] = []
    private var later: [(message: SentMessage, due: Timestamp, reason: String, detail: String, counts: Bool)] = []
    private var ended: [(message: SentMessage, from: Set<SentMessage.State>)] = []
    private var suppressing: [(message: SentMessage, detail: String)] = []
    private var isReached = false
    private var unreachable: (reason: String, detail: String)?
    private var refusal: (reason: String, detail: String)?

    init(channel: String, at now: Timestamp) {
        self.channel = channel
        self.now = now
    }

    var isEmpty: Bool { sent.isEmpty && later.isEmpty && ended.isEmpty }

    mutating func take(_ message: SentMessage, _ outcome: MessageOutcome, _ random: [UInt8]) {
        switch outcome {
        case .sent(let provider):
            isReached = true
            sent.append((message, provider, false))
        case .delivered:
            isReached = true
            sent.append((message, "", true))
        case .retry(MessageOutcome.untriedReason, _): later.append((message, now, "", "", false))
        case .retry(let reason, let detail):
            if ["unreachable", "busy"].contains(reason) { unreachable = (reason, detail) } else { isReached = true }
            again(message, reason, detail, random)
        case .closed(let reason, let detail):
            refusal = (reason, detail)
            let pause = now.adding(milliseconds: MessageLimits.closedMilliseconds)
            guard reason == MessageOutcome.policyReason else {
                return later.append((message, pause, "", "", false))
            }
            // It may be this letter that is refused, and not we: it does not close the way for others for ever.
            guard message.attempts + 1 < MessageLimits.refusals else { return end(message, .bounced, reason, detail) }
            later.append((message, pause, reason, detail, true))
        case .bounced(let reason, let detail, let suppresses):
            isReached = true
            end(message, .bounced, reason, detail)
            if suppresses { suppressing.append((message, detail)) }
        case .unknown(let detail): end(message, .unknown, "no_answer", detail)
        }
    }

    /// Later, longer each time; the last attempt ends it.
    private mutating func again(_ message: SentMessage, _ reason: String, _ detail: String, _ random: [UInt8]) {
        let attempts = message.attempts + 1
        guard attempts < MessageLimits.attempts else { return end(message, .failed, reason, detail) }
        let draw = random.reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let pause = min(
            MessageLimits.backoffMilliseconds << (2 * min(attempts - 1, 10)), MessageLimits.backoffMaxMilliseconds)
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
        for (message, detail) in suppressing {
            try Suppressions.add(
                channel, message.address, .bounce, detail: detail, message: message.id, by: "system", at: now,
                connection)
        }
        try writeGate(connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
    }

    private func writeSent(_ connection: any SQLConnection) throws -> [SystemEvent] {
        try connection.executeMany(
            """
            UPDATE messages SET reason = CASE WHEN state IN ('sending', 'unknown') THEN '' ELSE reason END,
                detail = CASE WHEN state IN ('sending', 'unknown') THEN '' ELSE detail END,
                state = CASE WHEN state IN ('sending', 'unknown') THEN 'sent' ELSE state END,
                sent_ms = coalesce(sent_ms, ?), provider_id = ?, updated_ms = ?, owner = '' WHERE id = ?
            """,
            sent.map {
                [.integer(now.milliseconds), .text($0.provider), .integer(now.milliseconds), .integer($0.message.id)]
            })
        try connection.executeMany(
            """
            UPDATE messages SET state = CASE WHEN state = 'sent' THEN 'delivered' ELSE state END,
                delivered_ms = coalesce(delivered_ms, ?) WHERE id = ?
            """, sent.filter(\.isDelivered).map { [.integer(now.milliseconds), .integer($0.message.id)] })
        return sent.flatMap { message, _, isDelivered in
            var message = message
            message.reason = ""
            let names = isDelivered ? [MessageEvents.sent, MessageEvents.delivered] : [MessageEvents.sent]
            return names.map { MessageEvents.event($0, message, at: now) }
        }
    }

    private func writeLater(_ connection: any SQLConnection) throws {
        try connection.executeMany(
            """
            UPDATE messages SET state = 'planned', eligible_ms = NULL, reason = ?, detail = ?, due_ms = ?, owner = '',
                lease_expires_ms = 0, attempts = attempts - ?, updated_ms = ?
            WHERE id = ? AND state IN ('sending', 'unknown')
            """,
            later.map {
                [
                    .text($0.reason), .text($0.detail), .integer($0.due.milliseconds), .integer($0.counts ? 0 : 1),
                    .integer(now.milliseconds), .integer($0.message.id),
                ]
            })
    }

    private func writeEnded(_ connection: any SQLConnection) throws -> [SystemEvent] {
        let names: [SentMessage.State: String] = [
            .bounced: MessageEvents.bounced, .unknown: MessageEvents.unknown, .failed: MessageEvents.failed,
        ]
        var events: [SystemEvent] = []
        for (from, own) in Dictionary(grouping: ended, by: \.from) {
            let states = from.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            let changed = try connection.executeMany(
                """
                UPDATE messages SET state = ?, reason = ?, detail = ?, ended_ms = ?, updated_ms = ?, owner = ''
                WHERE id = ? AND state IN (\(states))
                """,
                own.map { message, _ in
                    [
                        .text(message.state.rawValue), .text(message.reason), .text(message.detail),
                        .integer(now.milliseconds), .integer(now.milliseconds), .integer(message.id),
                    ]
                })
            for ((message, _), count) in zip(own, changed) where count == 1 {
                events.append(MessageEvents.event(names[message.state] ?? MessageEvents.failed, message, at: now))
            }
        }
        return events
    }

    /// A server that took or answered something is reached; one that nothing could be given to is not, however many
    /// messages were waiting for it.
    private func writeGate(_ connection: any SQLConnection) throws {
        if isReached { try MessageGate.succeed(channel, connection) }
        if let refusal {
            try MessageGate.fail(
                channel, isRefusal: true, reason: refusal.reason, detail: refusal.detail, at: now, connection)
        } else if !isReached, let unreachable {
            try MessageGate.fail(
                channel, isRefusal: false, reason: unreachable.reason, detail: unreachable.detail, at: now, connection)
        }
    }
}
