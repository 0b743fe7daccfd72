import Storage
import TestSupport
import Testing

@testable import Engine

/// What is kept of messages and answers, for how long, and why somebody is or is not written to.
@Suite("Keeping messages", .serialized)
struct MessageKeepingTests {
    private static func broadcast(_ world: MessageWorld, _ people: ClosedRange<Int64>) async throws -> Broadcast {
        let (effects, now, template) = (world.platform.effects, world.clock.now, world.template)
        let broadcast = try await world.platform.store.write { connection in
            let segment = try Segments.create(SegmentDraft(name: "All", kind: .list), effects: effects, connection)
            try SegmentMembers.add(people.map { (segment.id, $0) }, at: now, connection)
            let made = try Broadcasts.create(
                Broadcast.Draft(
                    name: "News", segmentID: segment.id, templateID: template, holdoutPermille: 200), by: "test",
                effects,
                connection)
            return try Broadcasts.start(made.id, by: "test", effects, connection)
        }
        try await JobRunner(platform: world.platform, catalog: JobCatalog([BroadcastPlanning.handler])).drain()
        try await world.send()
        return try await world.platform.store.read { try Broadcasts.get(broadcast.id, $0) }
    }

    private static func report(_ world: MessageWorld, _ broadcast: Int64) async throws -> MessageReport {
        var filter = MessageList.Filter()
        (filter.origin, filter.originID) = ("broadcast", broadcast)
        return try await world.platform.store.read { [filter] in try MessageList.report(filter, $0) }
    }

    @Test("old messages go by their age and their figures stay", arguments: StoreKind.allCases)
    func retention(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...20 { try await world.person(person, consent: person % 4 != 0) }
            let broadcast = try await Self.broadcast(world, 1...20)
            let asked = try await world.plan("k1", to: 1, isTransactional: true)
            try await world.send()
            let before = try await Self.report(world, broadcast.id)
            #expect(before.sent > 0 && !before.suppressed.isEmpty)
            let (platform, now) = (world.platform, world.clock.now)
            await #expect(throws: RetentionError.messageDays) {
                try await platform.store.write { connection in
                    var settings = RetentionSettings()
                    settings.messageDays = 30
                    try settings.save(by: "test", connection, at: now)
                }
            }
            try await platform.store.write { connection in
                var settings = RetentionSettings()
                settings.messageDays = 62
                try settings.save(by: "test", connection, at: now)
            }
            let runner = JobRunner(platform: platform, catalog: JobCatalog([MessageRetention.handler]))
            func wait(days: Int64) async throws {
                try await runner.ensureRecurring()
                world.clock.advance(milliseconds: days * Timestamp.millisecondsPerDay)
                try await runner.drain()
            }
            try await wait(days: 2)
            #expect(try await world.message(asked).address == "p1@example.com")
            try await wait(days: 62)
            let left = try await platform.store.read { try $0.first("SELECT count(*) FROM messages")?.int(0) }
            // What was asked for by its key stays, without what it said and to whom.
            #expect(left == 1)
            let kept = try await world.message(asked)
            #expect(kept.address.isEmpty && kept.subject.isEmpty)
            #expect(try await world.plan("k1", to: 1, isTransactional: true) == asked)
            let after = try await Self.report(world, broadcast.id)
            #expect(
                after.planned == before.planned && after.sent == before.sent && after.suppressed == before.suppressed)
            let spent = try await platform.store.read { connection in
                try ReachCosts(perThousand: ["email": 100_000]).cost(
                    of: MessageList.sentByChannel(
                        try #require(ReachSubject.broadcast(broadcast.id).messages), connection))
            }
            #expect(spent == before.sent * 100)
        }
    }

    @Test(
        "an answer belongs to the last message, and everything is in the export until it is erased",
        arguments: StoreKind.allCases)
    func answers(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...2 { try await world.person(person) }
            let first = try await world.plan("k1", to: 1)
            try await world.send()
            world.clock.advance(milliseconds: 60_000)
            let second = try await world.plan("k2", to: 1)
            try await world.send()
            world.clock.advance(milliseconds: 60_000)
            let (effects, now) = (world.platform.effects, world.clock.now)
            func say(_ key: String, _ person: Int64?, message: Int64? = nil) async throws -> MessageReply {
                try await world.platform.store.write {
                    try MessageReplies.receive(
                        MessageReply.Incoming(
                            key: key, channel: "email", profileID: person, messageID: message, text: "Yes, \(key)",
                            at: now), effects, $0
                    ).reply
                }
            }
            #expect(try await say("r1", 1).messageID == second)
            #expect(try await say("r2", nil, message: first).profileID == 1)
            #expect(try await say("r3", 2).messageID == nil)
            await #expect(throws: MessageError.notFound(first)) { _ = try await say("r4", 2, message: first) }
            #expect(try await world.said(MessageEvents.replied) == 3)
            let told = try await world.platform.store.read { try PersonExport.reach(of: [1], $0) }
            #expect(told["replies"]?.arrayValue?.count == 2)
            try await Erasure.request(1, by: "test", world.platform)
            let gone = try await world.platform.store.read { try PersonExport.reach(of: [1], $0) }
            #expect(gone["replies"] == [] && gone["inbox"] == [])
        }
    }

    @Test("why somebody is not written to is what would hold the message", arguments: StoreKind.allCases)
    func whyNot(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            try await world.person(2, consent: false)
            try await world.person(3, consent: nil)
            let (platform, template) = (world.platform, world.template)
            func why(_ person: Int64) async throws -> MessageWhyNot {
                try await MessageWhyNot.explain(
                    person, template: template, ChannelCatalog([EmailChannel(transport: world.server.transport)]),
                    platform)
            }
            let free = try await why(1)
            #expect(free.verdict == .wouldLeave && free.address == "p1@example.com" && free.consent.isGranted == true)
            #expect(try await why(2).verdict == .suppressed("consent_refused"))
            #expect(try await why(3).verdict == .suppressed("consent_missing"))
            for key in ["a", "b"] { try await world.plan(key, to: 1) }
            try await world.send()
            let capped = try await why(1)
            #expect(capped.verdict == .suppressed("frequency_cap"))
            #expect(capped.caps.contains { $0.days == 1 && $0.most == 2 && $0.used == 2 })
            // Ten hours later the day is over, and it is night.
            world.clock.advance(milliseconds: 11 * 3_600_000)
            let night = try await why(1)
            let isLater = if case .deferred = night.verdict { true } else { false }
            #expect(isLater)
            await #expect(throws: ProfileError.notFound(99)) { _ = try await why(99) }
        }
    }

    @Test("a template that something would send cannot be archived", arguments: StoreKind.allCases)
    func guarded(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            try await world.person(1)
            let (effects, now, template) = (world.platform.effects, world.clock.now, world.template)
            func archive() async throws {
                try await world.platform.store.write {
                    try MessageTemplates.archive(template, by: "test", at: now, $0)
                }
            }
            let broadcast = try await world.platform.store.write { connection in
                let segment = try Segments.create(SegmentDraft(name: "All", kind: .list), effects: effects, connection)
                return try Broadcasts.create(
                    Broadcast.Draft(name: "News", segmentID: segment.id, templateID: template), by: "test", effects,
                    connection)
            }
            await #expect(throws: TemplateError.self) { try await archive() }
            let segment = broadcast.segmentID
            await #expect(throws: SegmentError.self) {
                try await world.platform.store.write { try Segments.delete(segment, effects: effects, $0) }
            }
            try await world.platform.store.write {
                try Broadcasts.delete(broadcast.id, by: "test", at: now, $0)
            }
            let step: JSONValue = ["id": "m", "kind": "message", "template": JSONValue(id: template)]
            let journey = try await world.platform.store.write { connection in
                let made = try Journeys.create(
                    JourneyDraft(name: "J", definition: JourneyHarness.definition([step]).text()), by: "test",
                    effects: effects, connection)
                return try Journeys.publish(made.id, by: "test", effects: effects, connection)
            }
            await #expect(throws: TemplateError.self) { try await archive() }
            try await world.platform.store.write { try Journeys.delete(journey.id, by: "test", $0, at: now) }
            try await archive()
        }
    }
}
