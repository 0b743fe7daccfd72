import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Broadcasts", .serialized)
struct BroadcastTests {
    @Test("everybody of the segment is planned once or held out, and a stop stops", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...40 { try await world.person(person) }
            let (effects, now, template) = (world.platform.effects, world.clock.now, world.template)
            let broadcast = try await world.platform.store.write { connection in
                let segment = try Segments.create(
                    SegmentDraft(name: "All", kind: .list), effects: effects, connection)
                try SegmentMembers.add((1...40).map { (segment.id, Int64($0)) }, at: now, connection)
                let made = try Broadcasts.create(
                    Broadcast.Draft(
                        name: "News", segmentID: segment.id, templateID: template, perMinute: 10, holdoutPermille: 300),
                    by: "test", effects, connection)
                return try Broadcasts.start(made.id, by: "test", effects, connection)
            }
            #expect(broadcast.status == .planning)
            let runner = JobRunner(platform: world.platform, catalog: JobCatalog([BroadcastPlanning.handler]))
            _ = try await runner.drain()
            let planned = try await world.platform.store.read { try Broadcasts.get(broadcast.id, $0) }
            #expect(planned.status == .sending && planned.planned + planned.heldOut == 40)
            #expect(planned.heldOut == Int64((1...40).filter { planned.holdsOut(Int64($0)) }.count))
            try await world.send()
            let first = world.server.letters.count
            #expect(first >= 1 && first <= 11)
            _ = try await Broadcasts.stop(broadcast.id, by: "test", world.platform)
            world.clock.advance(milliseconds: 600_000)
            try await world.send()
            #expect(world.server.letters.count == first)
            var filter = MessageList.Filter()
            (filter.origin, filter.originID) = ("broadcast", broadcast.id)
            let report = try await world.platform.store.read { [filter] in try MessageList.report(filter, $0) }
            #expect(report.planned == planned.planned && report.sent == Int64(first))
            #expect(report.suppressed == ["stopped": planned.planned - Int64(first)])
            #expect(Set(world.server.recipients).count == first)
        }
    }

    @Test("it is finished once nothing waits, and goes on when something is put back", arguments: StoreKind.allCases)
    func finished(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...3 { try await world.person(person) }
            let (effects, now, template) = (world.platform.effects, world.clock.now, world.template)
            let id = try await world.platform.store.write { connection in
                let segment = try Segments.create(
                    SegmentDraft(name: "All", kind: .list), effects: effects, connection)
                try SegmentMembers.add((1...3).map { (segment.id, Int64($0)) }, at: now, connection)
                let made = try Broadcasts.create(
                    Broadcast.Draft(name: "News", segmentID: segment.id, templateID: template), by: "test", effects,
                    connection)
                return try Broadcasts.start(made.id, by: "test", effects, connection).id
            }
            func status() async throws -> Broadcast.Status {
                try await world.platform.store.read { try Broadcasts.get(id, $0).status }
            }
            let runner = JobRunner(platform: world.platform, catalog: JobCatalog([BroadcastPlanning.handler]))
            _ = try await runner.drain()
            #expect(try await Broadcasts.finish(world.platform) == 0)
            #expect(try await status() == .sending)
            try await world.send()
            #expect(try await status() == .finished)
            let stopped = try await Broadcasts.stop(id, by: "test", world.platform)
            #expect(stopped.status == .finished && world.server.letters.count == 3)
            try await world.platform.store.write { connection in
                let one =
                    try connection.first(
                        "SELECT min(id) FROM messages WHERE origin = 'broadcast' AND origin_id = \(id)")?.int(0) ?? 0
                try connection.execute("UPDATE messages SET state = 'failed' WHERE id = \(one)")
                _ = try Messages.replay([one], by: "test", at: now, connection)
            }
            #expect(try await status() == .sending)
            // A person is not written to twice within moments.
            world.clock.advance(milliseconds: 60_000)
            try await world.send()
            #expect(try await status() == .finished)
        }
    }

    @Test(
        "whom the policy leaves out for good is left out as it is planned, and asked again as it leaves",
        arguments: StoreKind.allCases)
    func policy(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...30 { try await world.person(person, consent: person == 3 ? false : true) }
            let (effects, now, template) = (world.platform.effects, world.clock.now, world.template)
            let id = try await world.platform.store.write { connection in
                try Suppressions.add("email", "P4@example.com", detail: "", by: "test", at: now, connection)
                try connection.execute("DELETE FROM identities WHERE profile_id = 5")
                let segment = try Segments.create(
                    SegmentDraft(name: "All", kind: .list), effects: effects, connection)
                try SegmentMembers.add((1...30).map { (segment.id, Int64($0)) }, at: now, connection)
                let made = try Broadcasts.create(
                    Broadcast.Draft(name: "News", segmentID: segment.id, templateID: template), by: "test", effects,
                    connection)
                return try Broadcasts.start(made.id, by: "test", effects, connection).id
            }
            let runner = JobRunner(platform: world.platform, catalog: JobCatalog([BroadcastPlanning.handler]))
            _ = try await runner.drain()
            var filter = MessageList.Filter()
            (filter.origin, filter.originID) = ("broadcast", id)
            let planned = try await world.platform.store.read { [filter] in try MessageList.report(filter, $0) }
            #expect(planned.planned == 30 && world.server.letters.isEmpty)
            #expect(planned.suppressed == ["consent_refused": 1, "suppression_list": 1, "no_address": 1])
            #expect(try await world.said(MessageEvents.suppressed) == 3)
            let (told, ended) = try await world.platform.store.read { connection in
                let rows = try connection.query(
                    "SELECT properties FROM event_log WHERE name = \(MessageEvents.suppressed) ORDER BY position")
                let messages = try connection.query(
                    "SELECT \(raw: SentMessage.columns) FROM messages WHERE state = 'suppressed' ORDER BY id"
                ).map(SentMessage.init(row:))
                let wanted = messages.map { MessageEvents.event(MessageEvents.suppressed, $0, at: now).properties }
                return (try rows.map { try $0.text(0) } == wanted, messages.map(\.endedAt))
            }
            #expect(told && ended == [now, now, now], "left out at once it is told as any other that is left out")
            // Planned a second time nobody is written to, and nothing is told, again.
            try await world.platform.store.write { connection in
                let plans = (1...5).map { person in
                    MessagePlan(
                        key: "broadcast:\(id):\(person)", profileID: Int64(person), templateID: template,
                        origin: .broadcast(id), due: now)
                }
                try MessageAudience(template, ChannelCatalog.all(providers: .live()), connection).plan(
                    plans, effects, connection)
            }
            let again = try await world.platform.store.read { [filter] in try MessageList.report(filter, $0) }
            #expect(again.states == planned.states)
            #expect(try await world.said(MessageEvents.suppressed) == 3)
            let left = MessageConsents.Entry(
                channel: "email", topic: "offers", isGranted: false, at: now, source: "one_click", proof: "x",
                messageID: 0)
            try await world.platform.store.write { try MessageConsents.say(6, left, effects, $0) }
            try await world.send()
            let sent = try await world.platform.store.read { [filter] in try MessageList.report(filter, $0) }
            #expect(sent.sent == 26 && sent.suppressed["topic_left"] == 1)
        }
    }
}
