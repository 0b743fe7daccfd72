import Storage

/// Where a message comes from.
package enum MessageOrigin: Sendable, Equatable {
    case journey(journey: Int64, run: Int64, node: String, visit: Int64)
    case broadcast(Int64)
    case test(userID: Int64)
    case api
    /// The letter that asks an address to confirm.
    case optIn(Int64)

    package var kind: String {
        switch self {
        case .journey: "journey"
        case .broadcast: "broadcast"
        case .test: "test"
        case .api: "api"
        case .optIn: "opt_in"
        }
    }

    var id: Int64 {
        switch self {
        case .journey(let journey, _, _, _): journey
        case .broadcast(let broadcast): broadcast
        case .test(let user): user
        case .api: 0
        case .optIn(let optIn): optIn
        }
    }

    /// What events tell of it.
    var properties: [String: JSONValue] {
        switch self {
        case .journey(let journey, let run, let node, let visit):
            [
                "journey_id": JSONValue(id: journey), "run_id": JSONValue(id: run), "node": .string(node),
                "visit": .integer(visit),
            ]
        case .broadcast(let broadcast): ["broadcast_id": JSONValue(id: broadcast)]
        case .test, .api: [:]
        case .optIn(let optIn): ["opt_in_id": JSONValue(id: optIn)]
        }
    }
}

/// One message that is to reach one person.
package struct MessagePlan: Sendable {
    /// Unique for ever: planned again under it nothing is added.
    package var key: String
    package var profileID: Int64
    package var templateID: Int64
    package var origin: MessageOrigin
    package var isTransactional: Bool
    /// Of the policy; empty: that of the template.
    package var topic: String
    /// An object: what the message is about, the event that began a run.
    package var values: JSONValue
    package var due: Timestamp
    package var choices: MessageChoices

    package init(
        key: String, profileID: Int64, templateID: Int64, origin: MessageOrigin, isTransactional: Bool = false,
        topic: String = "", values: JSONValue = [:], due: Timestamp, choices: MessageChoices = MessageChoices()
    ) {
        self.key = key
        self.profileID = profileID
        self.templateID = templateID
        self.origin = origin
        self.isTransactional = isTransactional
        self.topic = topic
        self.values = values
        self.due = due
        self.choices = choices
    }
}

/// Messages to people, one row for each.
///
/// Invariants: a key stands once, for ever. A message is written down as being sent before it leaves, and what became of
/// it afterwards; a process that dies between the two leaves it *unknown*, which nothing sends again. Whether it may be
/// sent is asked in the transaction that writes it down, so nobody is written to after they left. Every change of state is
/// told as a system event in its transaction.
package enum Messages {
    /// Writes the messages down, in the caller's transaction. A key that is there already is left alone. Returns the ids, in
    /// order. Throws: `MessageError`, `StorageError`.
    package static func plan(
        _ plans: [MessagePlan], at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [Int64] {
        guard !plans.isEmpty else { return [] }
        var known = Known()
        // An id that the key alone decides: the row of a repeat is found under it.
        let rows = try plans.map { try row($0, id(of: $0.key), at: now, &known, connection).values }
        let made = try connection.executeMany(insert, rows)
        var ids: [Int64] = []
        for (plan, (row, count)) in zip(plans, zip(rows, made)) {
            guard count == 1, case .integer(let id) = row[0] else {
                ids.append(try standing(plan.key, row, connection))
                continue
            }
            ids.append(id)
        }
        return ids
    }

    /// Writes many of one template down at once, and whom the policy refuses as left out, which is told. Their ids rise, so
    /// that each row lands beside the last one in every index. Throws: `MessageError`, `StorageError`.
    static func plan(
        _ plans: [MessagePlan], of template: MessageTemplate, _ refusals: [Int64: String], at now: Timestamp,
        _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        guard !plans.isEmpty else { return }
        var known = Known(templates: [template.id: template])
        let rows = try plans.map { plan -> PlannedRow in
            var one = try row(plan, effects.newID(), at: now, &known, connection)
            // One that has a way round takes it, as any other that is left out.
            if let reason = refusals[plan.profileID], !one.hasFallbacks { one.leaveOut(reason, at: now) }
            return one
        }
        let made = try connection.executeMany(insert, rows.map(\.values))
        var said: [SystemEvent] = []
        var others: [(id: Int64, reason: String)] = []
        for (plan, (row, count)) in zip(plans, zip(rows, made)) {
            let reason = refusals[plan.profileID]
            if count == 1, row.isLeftOut {
                let message = row.message(plan, template, at: now)
                said.append(MessageEvents.event(MessageEvents.suppressed, message, at: now))
                continue
            }
            let id = count == 1 ? row.id : try standing(plan.key, row.planned, connection)
            if let reason { others.append((id, reason)) }
        }
        try SystemEventLog.append(said, now: now, effects: effects, to: connection)
        try MessageProgress.suppress(others, effects, connection)
    }

    /// What rows of many plans have in common.
    private struct Known {
        var templates: [Int64: MessageTemplate]
        private var last: (origin: MessageOrigin, text: String)?

        init(templates: [Int64: MessageTemplate] = [:]) { self.templates = templates }

        /// What is written of an origin: those of a broadcast are all alike.
        mutating func text(of origin: MessageOrigin) -> String {
            if let last, last.origin == origin { return last.text }
            let text = JSONValue.object(origin.properties).text()
            last = (origin, text)
            return text
        }
    }

    private static func row(
        _ plan: MessagePlan, _ id: Int64, at now: Timestamp, _ known: inout Known, _ connection: any SQLConnection
    ) throws -> PlannedRow {
        guard (1...MessageLimits.keyBytes).contains(plan.key.utf8.count) else { throw MessageError.badKey(plan.key) }
        let template = try known.templates[plan.templateID] ?? MessageTemplates.get(plan.templateID, connection)
        known.templates[plan.templateID] = template
        let values = plan.values.text()
        guard values.utf8.count <= MessageLimits.valueBytes else {
            throw MessageError.valuesTooLong(limit: MessageLimits.valueBytes)
        }
        let way = try fallbacks(plan, template, &known.templates, connection)
        return PlannedRow(
            id: id, topic: plan.topic.isEmpty ? template.topic : plan.topic, origin: known.text(of: plan.origin),
            hasFallbacks: !way.isEmpty, plan, template, values: values, fallbacks: MessageRoutes.text(way), at: now)
    }

    /// The way round, each channel once. Throws: `TemplateError`, `StorageError`.
    private static func fallbacks(
        _ plan: MessagePlan, _ template: MessageTemplate, _ templates: inout [Int64: MessageTemplate],
        _ connection: any SQLConnection
    ) throws -> [Int64] {
        let wanted = plan.choices.fallbacks ?? template.fallbacks
        guard !wanted.isEmpty else { return [] }
        var channels: Set<String> = [template.channel]
        return try wanted.filter { id in
            let other = try templates[id] ?? MessageTemplates.get(id, connection)
            templates[id] = other
            return channels.insert(other.channel).inserted
        }
    }

    private static let insert = """
        INSERT INTO messages (id, message_key, profile_id, template_id, channel, topic, is_transactional, origin,
            origin_id, origin_detail, event_values, due_ms, planned_ms, updated_ms, priority, asked_ms, timing,
            fallbacks, state, reason, ended_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """

    /// The id under which a key stands; should another key have taken its number, the next that is free.
    private static func standing(_ key: String, _ row: [SQLValue], _ connection: any SQLConnection) throws -> Int64 {
        var row = row
        for attempt in 1...8 {
            if let found = try connection.first("SELECT id FROM messages WHERE message_key = \(key)") {
                return try found.int(0)
            }
            row[0] = .integer(id(of: "\(key)\n\(attempt)"))
            _ = try connection.executeMany(insert, [row])
        }
        throw MessageError.badKey(key)
    }

    /// 62 bits of SHA-256, above the ids that time makes.
    static func id(of key: String) -> Int64 {
        Int64(Digest.key64("message:" + key) >> 2) | 1 << 61
    }

    /// Sends dead messages again: those that failed, none that may have arrived. Returns how many.
    /// Throws: `StorageError`.
    package static func replay(
        _ ids: [Int64], by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Int {
        let changed = try connection.executeMany(
            """
            UPDATE messages SET state = 'planned', reason = '', detail = '', attempts = 0, due_ms = ?, asked_ms = ?,
                updated_ms = ?, ended_ms = NULL, owner = '' WHERE id = ? AND state = 'failed'
            """,
            ids.map {
                [
                    .integer(now.milliseconds), .integer(now.milliseconds), .integer(now.milliseconds), .integer($0),
                ]
            }
        ).reduce(0, +)
        try Broadcasts.reopen(byMessages: ids, at: now, connection)
        try AuditLog.append(
            actor: actor, action: "message.replay", subject: "messages", detail: String(changed), connection, at: now)
        return changed
    }

    /// Waits, for a bounded time, until nothing is on its way to a person: what had leave to go before they said that they
    /// hear no more has then gone. Throws: `StorageError`, `CancellationError`.
    package static func settle(_ profileID: Int64, _ platform: Platform) async throws {
        let pause: Int64 = 50
        for _ in 0..<(MessageLimits.settleMilliseconds / pause) {
            let isLeaving = try await platform.store.read { connection in
                let ids = [profileID] + (try ProfileDetail.mergedIDs(into: profileID, connection))
                return try connection.first(
                    "SELECT 1 FROM messages WHERE profile_id IN (\(list: ids)) AND state = 'sending' LIMIT 1") != nil
            }
            guard isLeaving else { return }
            try await Task.sleep(for: .milliseconds(pause))
        }
    }

    /// Ends what has not left yet of an origin, with a reason. Returns how many. Throws: `StorageError`.
    package static func withdraw(
        origin: String, _ originID: Int64, reason: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Int {
        let ids = try connection.query(
            """
            SELECT id FROM messages WHERE origin = \(origin) AND origin_id = \(originID) AND state = 'planned'
            ORDER BY id LIMIT \(MessageLimits.withdrawn)\(raw: connection.dialect.forUpdate)
            """
        ).map { try $0.int(0) }
        try MessageProgress.suppress(ids.map { ($0, reason) }, effects, connection)
        // What has left already tries no other channel any more.
        try connection.execute(
            """
            UPDATE messages SET fallbacks = '[]' WHERE origin = \(origin) AND origin_id = \(originID)
                AND state IN ('sending', 'sent', 'unknown') AND fallbacks <> '[]'
            """)
        return ids.count
    }
}

package enum MessageError: Error, Sendable, Equatable {
    case notFound(Int64)
    case badKey(String)
    case valuesTooLong(limit: Int)
    case notReplayable
    case unknownChannel(String)
    case badAddress(String)
    case badPolicy(field: String)
    /// A link that was not made here, or was changed.
    case badLink
    case replyLength(limit: Int)
    /// A reply says neither who nor to what.
    case nobody
}

/// The bounds of messages.
package enum MessageLimits {
    package static let keyBytes = 200
    package static let valueBytes = 64_000
    package static let replyBytes = 8_000
    static let withdrawn = 2_000
    /// Messages that are given another moment at once after the clock went back.
    static let broughtBack = 1_000
    /// Messages that are claimed at once, that are written down as being sent at once, and such parts on their way.
    static let claimed = 200
    static let handed = 16
    static let lanes = 3
    /// A process that has not renewed what it holds for so long is taken for dead; how often it renews.
    static let leaseMilliseconds: Int64 = 30_000
    static let renewMilliseconds: Int64 = 8_000
    /// Leave to send is good for so long; a message whose turn comes later asks again.
    static let permitSeconds = 5
    /// How long somebody who leaves waits at most for what is on its way to them.
    static let settleMilliseconds: Int64 = 10_000
    /// Attempts to write down what became of messages; eight seconds apart in the end.
    static let recordAttempts = 40
    /// A message beyond the bound of its domain comes again after so long.
    static let domainPauseMilliseconds: Int64 = 15_000
    /// Attempts before a message is dead.
    static let attempts: Int64 = 8
    /// Times that a message is refused as if it were we who are refused, before it is the message.
    static let refusals: Int64 = 3
    static let backoffMilliseconds: Int64 = 30_000
    static let backoffMaxMilliseconds: Int64 = 6 * 3_600_000
    /// Failures in a row that close a channel, and for how long at first and at most.
    static let failuresToClose: Int64 = 5
    static let closedMilliseconds: Int64 = 30_000
    static let closedMaxMilliseconds: Int64 = 15 * 60_000
    package static let pageRows = 100
}
