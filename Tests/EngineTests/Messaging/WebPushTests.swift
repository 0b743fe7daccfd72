import Storage
import TestSupport
import Testing

@testable import Engine

/// Push messages over real stores; only the push services are played.
@Suite("Web push", .serialized)
struct WebPushTests {
    private func with(_ kind: StoreKind, _ body: (ProviderWorld) async throws -> Void) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.setUp("web_push", values: ["subject": "mailto:push@brand.example"])
            world.side.usually(201, "")
            try await world.person(1, visitor: "visitor-1", agrees: [])
            try await body(world)
        }
    }

    private func subscribe(_ world: ProviderWorld, _ name: String, visitor: String = "visitor-1") async throws {
        let effects = world.platform.effects
        let pair = try P256Pair.make(.live)
        let target = PushTarget(
            endpoint: "https://push.example.net/\(name)", point: pair.point, secret: [UInt8](repeating: 7, count: 16))
        _ = try await world.platform.store.write {
            try PushSubscriptions.add(target, visitor: visitor, replacing: nil, source: 1, effects, $0)
        }
    }

    private func browsers(_ world: ProviderWorld, of person: Int64 = 1) async throws -> [String] {
        try await world.platform.store.read { try PushSubscriptions.of(person, $0) }.map(\.endpoint).sorted()
    }

    private func template(_ world: ProviderWorld, body: String = "Body", _ options: [String: String] = [:]) async throws
        -> Int64
    {
        try await world.template(
            "push", title: "Title", body: body, link: "https://shop.example/x", ProviderTemplate(options: options))
    }

    @Test("a message goes to every browser of the person, once, with its headers", arguments: StoreKind.allCases)
    func sent(kind: StoreKind) async throws {
        try await with(kind) { world in
            try await subscribe(world, "a")
            try await subscribe(world, "b")
            let options = ["urgency": "high", "ttl": "60", "topic": "{{ event.code }}"]
            let id = try await world.plan("a", to: 1, template(world, options))
            try await world.send()
            try await world.send()
            #expect(try await world.message(id).state == .sent)
            #expect(Set(world.side.calls.map(\.url)) == ["https://push.example.net/a", "https://push.example.net/b"])
            let call = try #require(world.side.calls.first)
            let headers = Dictionary(call.headers.map { ($0.name, $0.value) }) { $1 }
            #expect(headers["TTL"] == "60" && headers["Urgency"] == "high" && headers["Topic"] == "A1")
            #expect(headers["Content-Encoding"] == "aes128gcm")
            #expect(headers["Authorization"]?.hasPrefix("vapid t=") == true)
            #expect(call.body.count > 86 && Array(call.body[16..<21]) == [0, 0, 16, 0, 65])
        }
    }

    @Test("a browser that is gone is forgotten; when none is left the message ends", arguments: StoreKind.allCases)
    func gone(kind: StoreKind) async throws {
        try await with(kind) { world in
            try await subscribe(world, "a")
            try await subscribe(world, "b")
            world.side.answer([.text(410, ""), .text(201, "")])
            let template = try await template(world)
            let first = try await world.plan("a", to: 1, template)
            try await world.send()
            #expect(try await world.message(first).state == .sent)
            #expect(try await browsers(world).count == 1)
            world.side.answer([.text(404, "")])
            let second = try await world.plan("b", to: 1, template)
            try await world.send()
            #expect(try await world.message(second).reason == "gone")
            #expect(try await browsers(world).isEmpty)
            #expect(try await !world.isSuppressed("push", "1"))
            let third = try await world.plan("c", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(try await world.message(third).reason == "no_address")
        }
    }

    @Test("429 comes again when it is asked to, 403 closes, no answer is unknown", arguments: StoreKind.allCases)
    func answers(kind: StoreKind) async throws {
        try await with(kind) { world in
            try await subscribe(world, "a")
            let template = try await template(world)
            world.side.answer([.answered(status: 429, headers: ["retry-after": "120"], bytes: [])])
            let busy = try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            let due = try await world.message(busy).due.milliseconds - world.clock.now.milliseconds
            #expect((120_000...133_000).contains(due))
            world.side.answer([.unknown("timeout")])
            let lost = try await world.plan("b", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(try await world.message(lost).state == .unknown)
            world.side.answer([.text(403, "bad token")])
            let refused = try await world.plan("c", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(try await world.message(refused).state == .planned)
            let closed = try await world.platform.store.read {
                try ProviderGates.load(WebPush(), at: world.clock.now, $0)
            }
            #expect(closed.count == 1)
        }
    }

    private func attempt(_ world: ProviderWorld, _ to: String) async throws -> MessageOutcome {
        try await ProviderTrial(to: to, title: "Test", text: "Hi").send(by: "web_push", world.catalog, world.platform)
    }

    @Test("a trial goes to a person by what they are known by", arguments: StoreKind.allCases)
    func trial(kind: StoreKind) async throws {
        try await with(kind) { world in
            try await world.identity("email", "lin@shop.example", of: 1)
            await #expect(throws: MessageError.badAddress("9")) { _ = try await attempt(world, "9") }
            guard case .bounced("gone", _, _) = try await attempt(world, "1") else {
                Issue.record("nobody subscribed yet")
                return
            }
            try await subscribe(world, "a")
            for name in ["1", " lin@shop.example ", "visitor-1"] {
                guard case .sent = try await attempt(world, name) else {
                    Issue.record("not sent to \(name)")
                    return
                }
            }
            #expect(world.side.calls.map(\.url) == Array(repeating: "https://push.example.net/a", count: 3))
        }
    }

    @Test("words that do not fit are cut, never refused")
    func long() throws {
        var message = OutgoingMessage(
            id: 1, profileID: 1, address: "1", subject: "T", html: "", text: String(repeating: "积", count: 4_000),
            link: "https://shop.example/x", unsubscribeURL: "")
        let bytes = try #require(PushPayload(message).bytes)
        #expect(bytes.count <= WebPushMessage.plainBytesMax && bytes.count > WebPushMessage.plainBytesMax - 4)
        let told = try JSONValue(parsing: bytes)
        #expect(told["body"]?.stringValue?.hasSuffix("积…") == true && told["url"] == "https://shop.example/x")
        message.link = "https://shop.example/" + String(repeating: "x", count: 5_000)
        #expect(PushPayload(message).bytes == nil)
    }

    @Test(
        "a subscription follows its visitor: to another person, to another address, away with who is erased",
        arguments: StoreKind.allCases)
    func subscriptions(kind: StoreKind) async throws {
        try await with(kind) { world in
            try await world.person(2, visitor: "visitor-2", agrees: [])
            for name in ["a", "b", "c", "d", "e", "f"] {
                try await subscribe(world, name)
                world.clock.advance(milliseconds: 1)
            }
            // The oldest goes.
            #expect(try await browsers(world).count == 5)
            #expect(try await browsers(world).contains("https://push.example.net/a") == false)
            try await subscribe(world, "f", visitor: "visitor-2")
            #expect(try await browsers(world, of: 2) == ["https://push.example.net/f"])
            let pair = try P256Pair.make(.live)
            let effects = world.platform.effects
            let moved = PushTarget(
                endpoint: "https://push.example.net/g", point: pair.point, secret: [UInt8](repeating: 7, count: 16))
            let added = try await world.platform.store.write {
                try PushSubscriptions.add(
                    moved, visitor: "", replacing: "https://push.example.net/f", source: 1, effects, $0)
            }
            #expect(added.visitor == "visitor-2" && !added.isNew)
            #expect(try await browsers(world, of: 2) == ["https://push.example.net/g"])
            await #expect(throws: PushSubscriptions.Failure.noVisitor) {
                _ = try await world.platform.store.write {
                    try PushSubscriptions.add(moved, visitor: "cookieless", replacing: nil, source: 1, effects, $0)
                }
            }
            try await world.platform.store.write { try MessageForgetting.forget([2], $0) }
            #expect(try await browsers(world, of: 2).isEmpty)
            #expect(try await browsers(world).count == 4)
        }
    }

    @Test("topics are at most 32 signs of base64url")
    func topics() {
        #expect(WebPush.topic("cart") == "cart")
        #expect(WebPush.topic("购物车").count == 32 && WebPush.topic("购物车") != WebPush.topic("购物"))
        #expect(WebPush.topic(String(repeating: "a", count: 33)).count == 32)
    }

    @Test("the key is made once, kept sealed, and told to browsers only while push is on")
    func key() async throws {
        try await with(.sqlite) { world in
            let key = try #require(try await WebPush.applicationKey(world.platform))
            #expect(Base64URL.bytes(key)?.count == 65)
            try await world.setUp("web_push", values: ["subject": "https://brand.example"])
            #expect(try await WebPush.applicationKey(world.platform) == key)
            await #expect(throws: ProviderError.self) {
                try await world.setUp("web_push", values: ["subject": ""])
            }
        }
    }
}
