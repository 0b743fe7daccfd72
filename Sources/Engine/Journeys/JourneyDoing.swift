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
        let endpoints = Set(try connection.query("SELECT id FROM webhook_endpoints").map { try $0.int(0) })
        for deed in deeds {
            guard case .webhook(let id, let answer) = deed.deed else { continue }
            guard endpoints.contains(id) else { throw JourneyRefusal(key: deed.key, reason: "no_webhook") }
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
        let changes = Self.together(deeds) { deed in
            if case .list(let id, let adds) = deed { Change(id: id, adds: adds) } else { nil }
        }
        for (change, deeds) in changes {
            let (id, adds) = (change.id, change.adds)
            guard let segment = try Segments.stored(id, connection), segment.kind == .list else {
                throw JourneyRefusal(deeds, reason: "no_list")
            }
            let people = deeds.map(\.profile)
            _ =
                adds
                ? try SegmentLists.put(people, in: id, named: segment.name, at: now, effects: effects, connection)
                : try SegmentLists.take(people, from: id, named: segment.name, at: now, effects: effects, connection)
        }
    }

    private func tags(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        let changes = Self.together(deeds) { deed in
            if case .tag(let id, let adds) = deed { Change(id: id, adds: adds) } else { nil }
        }
        for (change, deeds) in changes {
            let id = change.id
            let cause = TagCause(.source, names[change.journey] ?? String(change.journey))
            do {
                if change.adds {
                    try Tags.give(id, to: deeds.map(\.profile), cause, effects: effects, connection)
                } else {
                    try Tags.take(id, from: deeds.map(\.profile), cause, effects: effects, connection)
                }
            } catch is TagError {
                throw JourneyRefusal(deeds, reason: "no_tag")
            }
        }
    }

    /// What a journey does to many people alike: a tag or a list, given or taken.
    private struct Change: Hashable {
        var id: Int64
        var adds: Bool
        var journey: Int64 = 0
        /// How many such changes came before for the same person, who meets them in that order.
        var round = 0
    }

    /// Deeds that differ in the person alone, so that they are done at once, in the order of their rounds.
    private static func together(
        _ deeds: [JourneyEffect], _ read: (JourneyEffect.Deed) -> Change?
    ) -> [(change: Change, deeds: [JourneyEffect])] {
        var rounds: [Int64: Int] = [:]
        var places: [Change: Int] = [:]
        var groups: [(change: Change, deeds: [JourneyEffect])] = []
        for deed in deeds {
            guard var change = read(deed.deed) else { continue }
            change.journey = deed.journey
            change.round = rounds[deed.profile, default: 0]
            rounds[deed.profile] = change.round + 1
            if let place = places[change] {
                groups[place].deeds.append(deed)
            } else {
                places[change] = groups.count
                groups.append((change, [deed]))
            }
        }
        return groups.enumerated()
            .sorted { ($0.element.change.round, $0.offset) < ($1.element.change.round, $1.offset) }.map(\.element)
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

    /// For all of them the same.
    init(_ deeds: [JourneyEffect], reason: String) {
        reasons = Dictionary(deeds.map { ($0.key, reason) }) { first, _ in first }
    }
}
