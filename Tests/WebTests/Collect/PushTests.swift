import Engine
import TestSupport
import Testing

@testable import Web

@Suite("Browsers that subscribe to push") struct PushTests {
    private func subscription(_ endpoint: String = "https://push.example.net/a") -> JSONValue {
        let point = Base64URL.text([4] + [UInt8](repeating: 9, count: 64))
        return [
            "endpoint": .string(endpoint),
            "keys": ["p256dh": .string(point), "auth": .string(Base64URL.text([UInt8](repeating: 1, count: 16)))],
        ]
    }

    private func post(_ harness: CollectHarness, _ path: String, _ body: JSONValue, key: String? = nil) async throws
        -> CollectHarness.Reply
    {
        try await harness.send(
            .post, "/t/push/\(path)?key=\(key ?? harness.key)",
            [.contentType: "text/plain", .origin: "https://shop.example"],
            bytes: body.utf8Text())
    }

    @Test("a browser gets the key, subscribes, and leaves; what happened is told", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            #expect(try await harness.send(.get, "/t/push/key?key=\(harness.key)").status == 404)
            let set = try await harness.api(
                .put, "/api/v1/message-providers/web_push",
                ["enabled": true, "values": ["subject": "mailto:a@b.example"]])
            #expect(set.status == 200)
            let key = try await harness.send(.get, "/t/push/key?key=\(harness.key)").json["key"]?.stringValue
            #expect(Base64URL.bytes(try #require(key))?.count == 65)
            let body: JSONValue = ["subscription": subscription(), "anonymousId": "visitor-1"]
            let taken = try await post(harness, "subscriptions", body)
            #expect(taken.status == 200 && taken.headers[.accessControlAllowOrigin] == "https://shop.example")
            // Said again it is nothing new.
            #expect(try await post(harness, "subscriptions", body).status == 200)
            try await harness.process()
            let known = try await harness.api(.get, "/api/v1/profiles?limit=10").json["items"]?.arrayValue ?? []
            #expect(known.count == 1)
            let id = try #require(known.first?["id"]?.stringValue)
            let person = try await harness.api(.get, "/api/v1/profiles/\(id)").json
            #expect(person["event_count"] == 2)
            #expect(
                try await post(harness, "unsubscriptions", ["endpoint": "https://push.example.net/a"]).status == 200)
        }
    }

    @Test("what is no subscription is refused with a reason")
    func refused() async throws {
        try await CollectHarness.with { harness in
            let visitor = JSONValue.string("visitor-1")
            for (body, code) in [
                (["subscription": subscription("javascript:x"), "anonymousId": visitor] as JSONValue, "bad_endpoint"),
                (["subscription": ["endpoint": "https://p.example/x"], "anonymousId": visitor], "bad_keys"),
                (["subscription": subscription()], "no_visitor"),
                (["subscription": subscription(), "anonymousId": "cookieless"], "no_visitor"),
            ] {
                let reply = try await post(harness, "subscriptions", body)
                #expect(reply.status == 400 && reply.text.contains(code), "\(reply.text)")
            }
            #expect(try await post(harness, "subscriptions", [:], key: "wk_nobody").status == 401)
        }
    }

    @Test("the scripts are served to any page, and the worker may be the whole site's")
    func scripts() async throws {
        try await CollectHarness.with { harness in
            for (path, word) in [("push.js", "perennialPush"), ("push-worker.js", "showNotification")] {
                let file = try await harness.send(.get, "/t/\(path)")
                #expect(file.status == 200 && file.text.contains(word))
                #expect(file.headers[.accessControlAllowOrigin] == "*")
                let mark = try #require(file.headers[.eTag])
                #expect(try await harness.send(.get, "/t/\(path)", [.ifNoneMatch: mark]).status == 304)
            }
        }
    }
}
