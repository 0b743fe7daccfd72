import Storage

/// Does what nodes decided, in the transaction of the step. Every deed has the natural key of its visit.
struct JourneyDoing {
    let effects: Effects
    let messages: JourneyMessages
    let now: Timestamp
    /// By journey.
    let names: [Int64: String]

    /// Kind by kind, rows before the log: what is said is handed over and comes last. Throws: `JourneyRefusal` where the
    /// store refuses one deed; nothing of the transaction may then be kept.
    func perform(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws -> [SystemEvent] {
        guard !deeds.isEmpty else { return [] }
        let said = try JourneyGiving(effects: effects, now: now, names: names).perform(deeds, connection)
        try webhooks(deeds, connection)
        try tasks(deeds, connection)
        try send(deeds, connection)
        try lists(deeds, connection)
        try tags(deeds, connection)
        try traits(deeds, connection)
        try exposures(deeds, connection)
        return said
    }

    private func webhooks(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        var messages: [Int64: [WebhookOutbox.Message]] = [:]
        let people = deeds.compactMap { deed -> Int64? in
            guard case .webhook = deed.deed else { return nil }
            return deed.profile
        }
        guard !people.isEmpty else { return }
        let users = try UserIDs.load(people, connection)
        for deed in deeds {
            guard case .webhook(let id, let answer) = deed.deed else { continue }
            guard try connection.first("SELECT id FROM webhook_endpoints WHERE id = \(id)") != nil else {
                throw JourneyRefusal(key: deed.key, reason: "no_webhook")
            }
            let data: JSONValue = [
                "key": .string(deed.key), "journey_id": JSONValue(id: deed.journey),
                "journey": .string(names[deed.journey] ?? ""), "run_id": JSONValue(id: deed.run),
                "node": .string(deed.node), "profile_id": JSONValue(id: deed.profile),
                "user_id": JSONValue(users[deed.profile]), "values": try JSONValue(parsing: deed.values),
            ]
            messages[id, default: []].append(
                WebhookOutbox.Message(
                    event: "Journey Reached", type: "journey.reached", time: now, data: data.text(),
                    question: answer.map { JourneyQuestion(deed, keep: $0) }))
        }
        for (id, list) in messages.sorted(by: { $0.key < $1.key }) {
            try WebhookOutbox.put(list, to: id, effects: effects, connection)
        }
    }

    private func tasks(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        let asked = deeds.compactMap { deed -> (key: String, draft: StaffTask.Draft, question: JourneyQuestion)? in
            guard case .task(let draft) = deed.deed else { return nil }
            return (deed.key, draft, JourneyQuestion(deed))
        }
        try StaffTasks.ask(asked, at: now, effects, connection)
    }

    /// Last, as it says what was met.
    private func exposures(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        var met: [Int64: [Int64: String]] = [:]
        for deed in deeds {
            guard case .exposure(let id, let variant) = deed.deed else { continue }
            met[id, default: [:]][deed.profile] = variant
        }
        for (id, variants) in met.sorted(by: { $0.key < $1.key }) {
            try Exposures.record(id, variants, effects, connection)
        }
    }

    private func send(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        let own = deeds.filter { deed in
            if case .message = deed.deed { return true }
            return false
        }
        guard let first = own.first else { return }
        guard let plan = messages.plan else { throw JourneyRefusal(key: first.key, reason: "no_channel") }
        try plan(own, now, connection)
    }

    private func lists(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        for deed in deeds {
            guard case .list(let id, let adds) = deed.deed else { continue }
            guard let segment = try Segments.stored(id, connection), segment.kind == .list else {
                throw JourneyRefusal(key: deed.key, reason: "no_list")
            }
            _ =
                adds
                ? try SegmentLists.put(
                    [deed.profile], in: id, named: segment.name, at: now, effects: effects, connection)
                : try SegmentLists.take(
                    [deed.profile], from: id, named: segment.name, at: now, effects: effects, connection)
        }
    }

    private func tags(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        for deed in deeds {
            guard case .tag(let id, let adds) = deed.deed else { continue }
            let cause = TagCause(.source, names[deed.journey] ?? String(deed.journey))
            do {
                if adds {
                    try Tags.give(id, to: [deed.profile], cause, effects: effects, connection)
                } else {
                    try Tags.take(id, from: [deed.profile], cause, effects: effects, connection)
                }
            } catch is TagError {
                throw JourneyRefusal(key: deed.key, reason: "no_tag")
            }
        }
    }

    /// Through the log, as all that is known of people; its message id makes a repeat nothing.
    private func traits(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        let rows = deeds.compactMap { deed -> [SQLValue]? in
            guard case .trait(let name, let value) = deed.deed else { return nil }
            let event = IncomingEvent(
                kind: .identify, name: "Identify", messageID: deed.key,
                identities: [IdentityClaim(kind: IdentityKind.profileID, value: String(deed.profile))], time: now,
                receivedAt: now, traits: JSONValue.object([name: value]).text())
            return LogRows.row(event, sourceID: SystemEventLog.sourceID)
        }
        guard !rows.isEmpty else { return }
        try EventLog.append(rows, to: connection)
    }
}

/// The store refuses what one node wants for one person: the node is passed without it, and says why.
struct JourneyRefusal: Error, Sendable, Equatable {
    /// By the key of the visit.
    var reasons: [String: String]

    init(_ reasons: [String: String]) { self.reasons = reasons }

    init(key: String, reason: String) { reasons = [key: reason] }
}
