import Storage
import TestSupport
import Testing

@testable import Engine

/// Pauses, deletion, erasure and age: what becomes of messages then.
@Suite("Webhooks that pause and end", .serialized)
struct WebhookEndingsTests {
    private static let left = SegmentMembers.left

    @Test(
        "what happens during a pause is not told, and the first message after it says so", arguments: StoreKind.allCases
    )
    func gap(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let vip = try await world.segment("VIP", people: [1])
            let (id, _) = try await world.create([Self.left])
            let platform = world.platform
            try await platform.store.write {
                _ = try WebhookPushes.begin(vip, to: id, by: "test", platform.effects, $0)
            }
            try await JobRunner(platform: platform).drain()
            try await world.say(Self.left, of: 1)
            // Told before the pause, sent after it.
            world.receiver.answer([500, 500])
            try await world.send()
            let paused = world.clock.now
            try await platform.store.write { _ = try Webhooks.pause(id, by: "test", $0, at: paused) }
            #expect(try await world.endpoint(id).pausedAt == paused)
            world.clock.advance(milliseconds: 60_000)
            for profile in 2...4 { try await world.say(Self.left, of: Int64(profile)) }
            try await world.send()
            world.clock.advance(milliseconds: 60_000)
            world.receiver.forget()
            world.receiver.answer([])
            let resumed = world.clock.now
            try await platform.store.write { _ = try Webhooks.resume(id, by: "test", platform.effects, $0) }
            try await JobRunner(platform: platform).drain()
            try await world.say(Self.left, of: 5)
            try await world.send()
            #expect(
                try world.receiver.types == [
                    "segment.list", "segment.left", "webhook.resumed", "segment.list", "segment.left",
                ])
            let bodies = try world.receiver.messages.map { try JSONValue(parsing: $0.body) }
            #expect(bodies.map { $0["sequence"]?.intValue } == [1, 2, 3, 4, 5])
            #expect(bodies[1]["data"]?["profile_id"] == "1" && bodies[4]["data"]?["profile_id"] == "5")
            #expect(bodies[2]["data"]?["paused_at"]?.stringValue == paused.iso8601)
            #expect(bodies[2]["data"]?["resumed_at"]?.stringValue == resumed.iso8601)
            #expect(try await world.endpoint(id).pausedAt == nil)
        }
    }

    @Test(
        "a deleted endpoint is gone at once with its pushes, and its messages go in chunks",
        arguments: StoreKind.allCases)
    func deleted(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let vip = try await world.segment("VIP", people: [1])
            let (id, _) = try await world.create([Self.left])
            let (other, _) = try await world.create([Self.left])
            let platform = world.platform
            try await platform.store.write { connection in
                _ = try WebhookPushes.begin(vip, to: id, by: "test", platform.effects, connection)
                let message = WebhookOutbox.Message(
                    event: Self.left, type: "segment.left", time: platform.effects.now(), data: "{}")
                try WebhookOutbox.put(
                    Array(repeating: message, count: 4_100), to: id, effects: platform.effects, connection)
            }
            let first = try #require(try await world.deliveries(id).first)
            // The job that sent the list long ago is forgotten: the push ends all the same.
            _ = try await platform.store.write { try $0.execute("DELETE FROM jobs") }
            try await platform.store.write { try Webhooks.delete(id, by: "test", platform.effects, $0) }
            await #expect(throws: WebhookError.notFound(id)) {
                try await platform.store.read { _ = try WebhookOutbox.get(first.id, of: id, $0) }
            }
            func rows() async throws -> [Int64: Int64] {
                try await platform.store.read { connection in
                    let rows = try connection.query(
                        "SELECT endpoint_id, count(*) FROM webhook_deliveries GROUP BY endpoint_id")
                    return Dictionary(try rows.map { (try $0.int(0), try $0.int(1)) }) { $1 }
                }
            }
            #expect(try await rows() == [id: 4_100])
            #expect(try await platform.store.read { try WebhookPushes.list(segment: vip, $0) }.isEmpty)
            try await JobRunner(platform: platform).drain()
            #expect(try await rows() == [:])
            try await world.say(Self.left)
            try await world.send()
            #expect(try await rows() == [other: 1])
        }
    }

    @Test("an erased person's messages go, and pages of a list lose only them", arguments: StoreKind.allCases)
    func forgotten(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let platform = world.platform
            let ingest = Ingest(platform: platform, signal: LogSignal())
            let now = world.clock.now
            try await ingest.append(
                IncomingBatch(
                    sourceID: 1,
                    events: ["lin-4711", "stays-1"].map { user in
                        IncomingEvent(
                            kind: .identify, name: "identify", messageID: user,
                            identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now,
                            properties: "{}", traits: #"{"name":"\#(user)"}"#)
                    }))
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            let ids = try await platform.store.read { connection in
                try connection.query("SELECT profile_id FROM identities WHERE kind = 'user_id' ORDER BY value").map {
                    try $0.int(0)
                }
            }
            let vip = try await world.segment("VIP", people: ids)
            let (id, _) = try await world.create([Self.left])
            try await platform.store.write {
                _ = try WebhookPushes.begin(vip, to: id, by: "test", platform.effects, $0)
            }
            try await JobRunner(platform: platform).drain()
            for person in ids { try await world.say(Self.left, of: person) }
            try await world.send()
            func kept() async throws -> [String] { try await world.deliveries(id).map(\.body) }
            #expect(try await kept().filter { $0.contains("lin-4711") }.count == 2)
            try await Erasure.request(ids[0], by: "test", platform)
            world.clock.advance(milliseconds: 1_000)
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            _ = try await JobRunner(platform: platform).drain()
            let after = try await kept()
            #expect(!after.contains { $0.contains("lin-4711") })
            // Of the page and of the two messages of others nothing else is missing.
            let list = try #require(after.first { $0.contains("segment.list") })
            let people = try JSONValue(parsing: list)["data"]?["people"]?.arrayValue ?? []
            #expect(people.map { $0["user_id"]?.stringValue } == ["stays-1"])
            #expect(after.filter { $0.contains("segment.left") && $0.contains("stays-1") }.count == 1)
        }
    }

    @Test("messages are forgotten by their age and how they fared", arguments: StoreKind.allCases)
    func retention(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let (id, _) = try await world.create([Self.left])
            let platform = world.platform
            let day = Timestamp.millisecondsPerDay
            let begin = world.clock.now.milliseconds
            try await platform.store.write { connection in
                let message = WebhookOutbox.Message(
                    event: Self.left, type: "segment.left", time: platform.effects.now(), data: "{}")
                try WebhookOutbox.put(
                    Array(repeating: message, count: 6), to: id, effects: platform.effects, connection)
                for (sequence, status, age) in [
                    (1, "delivered", 15), (2, "delivered", 13), (3, "dead", 61), (4, "dead", 59), (5, "waiting", 61),
                    (6, "waiting", 59),
                ] {
                    try connection.execute(
                        """
                        UPDATE webhook_deliveries SET status = \(status), created_ms = \(begin - Int64(age) * day)
                        WHERE sequence = \(sequence)
                        """)
                }
                _ = try Webhooks.pause(id, by: "test", connection, at: platform.effects.now())
                try JobQueue.enqueue(
                    connection, kind: "webhook_retention", key: "now", dueAt: platform.effects.now(),
                    effects: platform.effects)
            }
            try await JobRunner(platform: platform).drain()
            #expect(try await world.deliveries(id).map(\.sequence) == [2, 4, 6])
        }
    }
}
