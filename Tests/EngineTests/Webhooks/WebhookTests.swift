import Storage
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Webhooks over real stores; only the outside network is played.
@Suite("Webhooks", .serialized)
struct WebhookTests {
    private static let entered = SegmentMembers.entered
    private static let left = SegmentMembers.left

    @Test("signatures are those of the Standard Webhooks specification, one for each secret")
    func signature() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let header = WebhookSignature.header(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, body: #"{"test": 2432232314}"#,
            secrets: [secret, secret])
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        #expect(header == "\(one) \(one)")
    }

    @Test(
        "what happens after an endpoint was made is told once, in order, numbered and signed",
        arguments: StoreKind.allCases)
    func told(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            try await world.say(Self.entered, of: 1, #"{"segment_id":"5"}"#)
            let (id, secret) = try await world.create([Self.entered, StageHistory.eventName], segments: [])
            try await world.say(Self.entered, of: 2, #"{"segment_id":"5","segment":"VIP"}"#)
            try await world.say(Self.left, of: 2, #"{"segment_id":"5"}"#)
            try await world.say(StageHistory.eventName, of: 3, #"{"to":"growth"}"#)
            try await world.send()
            try await world.send()
            let messages = world.receiver.messages
            #expect(try world.receiver.types == ["segment.entered", "stage.changed"])
            let first = try JSONValue(parsing: try #require(messages.first).body)
            #expect(first["sequence"] == 1 && first["data"]?["profile_id"] == "2")
            #expect(first["data"]?["properties"]?["segment"] == "VIP" && first["data"]?["event"] == "Segment Entered")
            #expect(
                messages[0].signature
                    == WebhookSignature.header(
                        id: messages[0].id, seconds: world.clock.now.seconds, body: messages[0].body, secrets: [secret])
            )
            let found = try await world.deliveries(id)
            #expect(found.map(\.status) == [.delivered, .delivered] && found.map(\.sequence) == [1, 2])
        }
    }

    @Test("an endpoint can be narrowed to segments, and a bad one is refused", arguments: StoreKind.allCases)
    func narrowed(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let vip = try await world.segment("VIP", people: [])
            _ = try await world.create([Self.entered], segments: [vip])
            try await world.say(Self.entered, #"{"segment_id":"\#(vip)"}"#)
            try await world.say(Self.entered, #"{"segment_id":"1"}"#)
            try await world.send()
            #expect(world.receiver.messages.count == 1)
            await #expect(throws: SegmentError.self) {
                try await world.platform.store.write { [effects = world.platform.effects] in
                    try Segments.delete(vip, effects: effects, $0)
                }
            }
            await #expect(throws: WebhookError.unknownEvent("Nope")) { _ = try await world.create(["Nope"]) }
            await #expect(throws: WebhookError.unknownSegment("9")) { _ = try await world.create([], segments: [9]) }
            for url in ["ftp://a.com", "https://u:p@a.com", "https://a.com/#x", "https://a.com\\@b", "nothing", ""] {
                await #expect(throws: WebhookError.badURL) {
                    try await world.platform.store.write { [platform = world.platform] in
                        _ = try Webhooks.create(
                            .init(url: url, events: []), by: "test", platform.seal, platform.effects, $0)
                    }
                }
            }
        }
    }

    @Test(
        "a message that failed comes again under its id, and what is behind it goes on", arguments: StoreKind.allCases)
    func retried(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let (id, _) = try await world.create([Self.left])
            for profile in 1...3 { try await world.say(Self.left, of: Int64(profile)) }
            world.receiver.answer([500])
            try await world.send()
            #expect(world.receiver.messages.count == 1)
            #expect(try await world.endpoint(id).failingSince != nil)
            world.clock.advance(milliseconds: 1_500)
            try await world.send()
            #expect(world.receiver.messages.count == 3)
            #expect(try await world.endpoint(id).failingSince == nil)
            world.clock.advance(milliseconds: 12_000)
            try await world.send()
            let ids = world.receiver.messages.map(\.id)
            #expect(ids.count == 4 && ids[3] == ids[0])
            #expect(world.receiver.messages[3].body == world.receiver.messages[0].body)
            #expect(try await world.deliveries(id).map(\.attempts) == [2, 1, 1])
        }
    }

    @Test(
        "killed between sending and writing it down, a message is sent again with the same id",
        arguments: StoreKind.allCases)
    func killed(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let (id, _) = try await world.create([Self.left])
            for profile in 1...2 { try await world.say(Self.left, of: Int64(profile)) }
            world.receiver.kill(true)
            await #expect(throws: CancellationError.self) { try await world.send() }
            world.receiver.kill(false)
            world.clock.advance(milliseconds: WebhookLimits.leaseMilliseconds - 1)
            try await world.send()
            #expect(world.receiver.messages.count == 1)
            world.clock.advance(milliseconds: 1)
            try await world.send()
            let ids = world.receiver.messages.map(\.id)
            #expect(ids.count == 3 && ids[0] == ids[1] && ids[2] != ids[1])
            #expect(try await world.deliveries(id).map(\.status) == [.delivered, .delivered])
        }
    }

    @Test(
        "after ten tries in almost three days a message is dead, and can be sent again", arguments: StoreKind.allCases)
    func dead(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let (id, _) = try await world.create([Self.left])
            try await world.say(Self.left)
            world.receiver.answer(Array(repeating: 503, count: 10))
            let begin = world.clock.now
            for _ in 0..<10 {
                try await world.send()
                let due = try #require(try await world.deliveries(id).first).due
                world.clock.set(max(due, world.clock.now.adding(milliseconds: WebhookLimits.restMaxMilliseconds)))
            }
            let delivery = try #require(try await world.deliveries(id).first)
            #expect(delivery.status == .dead && delivery.attempts == 10 && delivery.answerStatus == 503)
            #expect(delivery.answer == "answer" && delivery.problem == "status")
            let days = Double(try #require(delivery.attemptedAt).milliseconds - begin.milliseconds) / 86_400_000
            #expect(days > 2 && days < 3.5)
            try await world.platform.store.write { [now = world.clock.now] in
                _ = try Webhooks.resume(id, by: "test", world.platform.effects, $0)
                #expect(try WebhookOutbox.replayDead(id, since: begin, by: "test", $0, at: now) == 1)
            }
            try await world.send()
            // Where the waits came to more than the days after which an endpoint is paused, it is told of the gap first.
            let own = try await world.deliveries(id).filter { $0.event != WebhookEvents.resumed }
            #expect(own.map(\.status) == [.delivered])
            try await world.platform.store.write { [now = world.clock.now] in
                _ = try WebhookOutbox.replay(delivery.id, of: id, by: "test", $0, at: now)
            }
            try await world.send()
            #expect(world.receiver.messages.filter { $0.id == delivery.messageID }.count == 12)
        }
    }

    @Test("an endpoint that accepts nothing for days, or is gone, is paused and says so", arguments: StoreKind.allCases)
    func paused(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let (id, _) = try await world.create([Self.left])
            world.receiver.answer(Array(repeating: 500, count: 20))
            for _ in 0...4 {
                try await world.say(Self.left)
                try await world.send()
                world.clock.advance(milliseconds: Timestamp.millisecondsPerDay)
            }
            #expect(try await world.endpoint(id).status == .paused)
            #expect(try await world.endpoint(id).reason == .failing)
            let count = world.receiver.messages.count
            try await world.say(Self.left)
            try await world.send()
            #expect(world.receiver.messages.count == count)
            world.receiver.answer([])
            try await world.platform.store.write {
                _ = try Webhooks.resume(id, by: "test", world.platform.effects, $0)
            }
            try await world.send()
            #expect(try await world.deliveries(id).allSatisfy { $0.status == .delivered })
            try await world.say(Self.left)
            world.receiver.answer([410])
            try await world.send()
            #expect(try await world.endpoint(id).reason == .gone)
        }
    }

    @Test("while a secret is changed both sign, and a day later only the new one", arguments: StoreKind.allCases)
    func rotated(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let (id, old) = try await world.create([])
            let platform = world.platform
            let new = try await platform.store.write {
                try Webhooks.rotate(id, by: "test", platform.seal, platform.effects, $0).secret
            }
            func ping() async throws -> WebhookMessage {
                try await platform.store.write { _ = try WebhookOutbox.ping(id, by: "test", platform.effects, $0) }
                try await world.send()
                return try #require(world.receiver.messages.last)
            }
            let both = try await ping()
            #expect(
                both.signature
                    == WebhookSignature.header(
                        id: both.id, seconds: both.seconds, body: both.body, secrets: [new, old]))
            world.clock.advance(milliseconds: 86_400_000)
            let one = try await ping()
            #expect(one.signature.split(separator: " ").count == 1 && new != old)
            let stored = try await platform.store.read {
                try $0.first("SELECT secret FROM webhook_endpoints")?.text(0) ?? ""
            }
            #expect(!stored.contains(new.dropFirst(6)))
        }
    }

    @Test("a pushed segment comes in pages, and then who enters and who leaves", arguments: StoreKind.allCases)
    func pushed(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            let vip = try await world.segment("VIP", people: Array(1...2_500))
            let (id, _) = try await world.create([])
            let platform = world.platform
            try await platform.store.write {
                _ = try WebhookPushes.begin(vip, to: id, by: "test", platform.effects, $0)
            }
            await #expect(throws: WebhookError.pushedAlready) {
                try await platform.store.write {
                    _ = try WebhookPushes.begin(vip, to: id, by: "test", platform.effects, $0)
                }
            }
            try await JobRunner(platform: platform).drain()
            try await world.say(Self.left, of: 4, #"{"segment_id":"\#(vip)"}"#)
            try await world.say(Self.left, of: 4, #"{"segment_id":"1"}"#)
            try await world.send()
            let bodies = try world.receiver.messages.map { try JSONValue(parsing: $0.body) }
            #expect(
                bodies.map { $0["type"]?.stringValue }
                    == ["segment.list", "segment.list", "segment.list", "segment.left"])
            let pages = bodies.prefix(3).map { $0["data"]?["people"]?.arrayValue ?? [] }
            #expect(pages.map(\.count) == [1_000, 1_000, 500])
            #expect(bodies.prefix(3).map { $0["data"]?["is_last"]?.boolValue } == [false, false, true])
            #expect(Set(pages.joined().compactMap { $0["profile_id"]?.stringValue }).count == 2_500)
            try await platform.store.write { [now = world.clock.now] in
                try WebhookPushes.end(vip, at: id, by: "test", $0, at: now)
            }
            try await world.say(Self.left, of: 5, #"{"segment_id":"\#(vip)"}"#)
            try await world.send()
            #expect(world.receiver.messages.count == 4)
        }
    }

    @Test("without endpoints the log is passed over and nothing is written down", arguments: StoreKind.allCases)
    func nobody(kind: StoreKind) async throws {
        try await WebhookWorld.with(kind) { world in
            for _ in 0..<5 { try await world.say(Self.left) }
            try await world.send()
            let (end, position, count) = try await world.platform.store.read { connection in
                (
                    try EventLog.end(connection),
                    try connection.first("SELECT position FROM log_consumers WHERE consumer = 'webhooks'")?.int(0),
                    try connection.first("SELECT count(*) FROM webhook_deliveries")?.int(0)
                )
            }
            #expect(position == end && count == 0)
        }
    }
}
