import Storage

/// Messages and journeys of the demo brand: templates in both languages, three playbooks at work, and a broadcast of which a
/// part of the people was kept apart; the last days are lived through again, in front of the doors that everybody uses.
///
/// All that is sent goes to the inbox, which asks for it by the API: nothing leaves the house. The letters are there to be
/// looked at. Doing it again adds nothing.
package struct DemoReach: Sendable {
    /// What it came to.
    package struct Done: Sendable, Equatable {
        package var messages: Int64
        package var runs: Int64
    }

    static let actor = "demo"
    private static let days: Int64 = 18
    private static let audienceMost = 2_000
    private static let broadcastName = "春茶上市"
    private static let holdoutPermille: Int64 = 100

    private let platform: Platform
    private let clock: DemoClock
    /// The stores at the time of the clock.
    private let past: Platform
    private let processor: Processor

    private init(_ platform: Platform) {
        self.platform = platform
        clock = DemoClock(platform.effects.now())
        past = clock.platform(platform)
        processor = Processor(platform: platform, signal: LogSignal())
    }

    /// Returns nil when there is anything of this already, or nobody to write to. Throws: what the doors throw.
    package static func load(_ platform: Platform) async throws -> Done? {
        let isNew = try await platform.store.read {
            try Journeys.list($0).isEmpty && Broadcasts.list(limit: 1, $0).isEmpty
        }
        return isNew ? try await DemoReach(platform).live() : nil
    }

    private func live() async throws -> Done? {
        let calendar = try await platform.store.read { try Workspace.load($0).calendar }
        let (today, end) = (calendar.day(of: clock.now), clock.now)
        func moment(_ day: Int64, _ hour: Int64, _ minute: Int64 = 0) -> Timestamp {
            let time = calendar.start(ofDay: day).adding(milliseconds: (hour * 60 + minute) * 60_000)
            return min(time, end)
        }
        try await processor.catchUp()
        let people = try await audience()
        guard !people.isEmpty else { return nil }

        clock.now = moment(today - Self.days, 8)
        // What was in the log before is none of these journeys' business.
        let journeys = JourneyService(platform: past)
        try await journeys.catchUp()
        let broadcast = try await prepare(people)
        let messages = MessageService(
            platform: past, channels: ChannelCatalog([InboxChannel()]), address: "https://www.shanlantea.example")
        let life = DemoReplies(past, people, until: end)
        for day in (today - Self.days)...today {
            clock.now = moment(day, 10, 30)
            if day == today - Self.days { try await start(broadcast) }
            try await pass(journeys, messages)
            clock.now = moment(day, 19)
            try await life.evening(of: day)
            try await pass(journeys, messages)
        }
        clock.now = end
        try await pass(journeys, messages)
        return try await platform.store.read { connection in
            Done(
                messages: try connection.first("SELECT count(*) FROM messages")?.int(0) ?? 0,
                runs: try connection.first("SELECT count(*) FROM journey_runs")?.int(0) ?? 0)
        }
    }

    /// What was said is recognised, journeys go on, messages leave.
    private func pass(_ journeys: JourneyService, _ messages: MessageService) async throws {
        try await processor.catchUp()
        try await journeys.catchUp()
        try await messages.catchUp()
        try await processor.catchUp()
        try await journeys.catchUp()
    }

    /// Those who bought something lately.
    private func audience() async throws -> [DemoReplies.Person] {
        let since = platform.effects.now().adding(days: -365).milliseconds
        return try await platform.store.read { connection in
            try connection.query(
                """
                SELECT p.id, min(i.value) FROM profiles p JOIN identities i ON i.profile_id = p.id AND i.kind = 'user_id'
                WHERE p.identified = 1 AND p.merged_into IS NULL AND p.deleted_ms IS NULL AND p.order_count > 0
                    AND p.last_seen_ms >= \(since)
                GROUP BY p.id ORDER BY p.id LIMIT \(Self.audienceMost)
                """
            ).map { DemoReplies.Person(id: try $0.int(0), userID: try $0.text(1)) }
        }
    }

    /// Templates, a list, journeys that are live, and a broadcast that waits to be started.
    private func prepare(_ people: [DemoReplies.Person]) async throws -> Int64 {
        let (effects, now) = (past.effects, clock.now)
        return try await platform.store.write { connection in
            let notes = try DemoTemplates.install(by: Self.actor, effects, connection)
            let list = try Segments.create(
                SegmentDraft(name: "近一年的买家", description: "演示用名单", kind: .list), effects: effects, connection)
            try SegmentLists.put(
                people.map(\.id), in: list.id, named: list.name, at: now, effects: effects, connection)
            for (code, note) in [
                ("birthday", DemoTemplates.Note.birthday), ("review_request", .review), ("replenishment", .refill),
            ] {
                let draft = try draft(code, template: notes[note] ?? 0)
                let made = try Journeys.create(draft, by: Self.actor, effects: effects, connection)
                _ = try Journeys.publish(made.id, by: Self.actor, effects: effects, connection)
            }
            return try Broadcasts.create(
                Broadcast.Draft(
                    name: Self.broadcastName, segmentID: list.id, templateID: notes[.spring] ?? 0,
                    holdoutPermille: Self.holdoutPermille), by: Self.actor, effects, connection
            ).id
        }
    }

    private func start(_ broadcast: Int64) async throws {
        try await platform.store.write { [effects = past.effects] in
            _ = try Broadcasts.start(broadcast, by: Self.actor, effects, $0)
        }
        try await JobRunner(platform: past, catalog: JobCatalog([BroadcastPlanning.handler])).drain()
    }

    /// A playbook with this template in every message. The brand's tills do not tell deliveries, so that orders let people in
    /// where a playbook waits for one.
    private func draft(_ playbook: String, template: Int64) throws -> JourneyDraft {
        var draft = try JourneyPlaybooks.get(playbook).draft(.chinese)
        func filled(_ value: JSONValue) -> JSONValue {
            switch value {
            case .array(let elements): return .array(elements.map(filled))
            case .object(let members):
                return .object(
                    Dictionary(
                        uniqueKeysWithValues: members.map { name, value in
                            switch name {
                            case "template": (name, JSONValue(id: template))
                            case "names" where value.arrayValue?.contains("Order Delivered") ?? false:
                                (name, ["Order Completed"])
                            default: (name, filled(value))
                            }
                        }))
            default: return value
            }
        }
        draft.definition = filled(try JSONValue(parsing: draft.definition)).text()
        return draft
    }
}
