import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("PostHog collector") struct PostHogTests {
    private static let file = "posthog-python-7.91.1.batch.json"

    @Test("takes a batch of the Python SDK as it was captured, plain and gzip", arguments: [false, true])
    func batch(gzip: Bool) async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            let text = try Captured.text(Self.file).replacing(key: harness.key, in: ["phc_TEST"])
            let reply = try await harness.json("/batch/", try JSONValue(parsing: text), gzip: gzip)
            #expect(reply.status == 200 && reply.text == #"{"status":"Ok"}"#)
            let events = try await harness.logged()
            let order = try #require(events.first)
            #expect(order.name == "Order Completed" && order.identities == ["user_id", "u1"])
            #expect(order.messageID == "ed341156-52c0-4071-80b8-f2e9a508e151")
            #expect(order.properties["revenue"] == 25.0 && order.properties["$set"] == nil)
            #expect(order.properties["order_id"] == .string(order.messageID))
            #expect(order.traits == ["email": "a@b.c"] && order.operation == "set")
            #expect(order.context["page"]?["url"] == "https://ex.com/a")
            #expect(events[1].messageID == order.messageID + ".2" && events[1].operation == "set_once")
            #expect(events[1].kind == "identify" && events[1].traits == ["first_seen": "x"])
            let unknown = try #require(events.first { $0.name == "Anon Event" })
            #expect(unknown.identities.first == "anonymous_id")
            let alias = try #require(events.first { $0.kind == "alias" })
            #expect(alias.identities == ["user_id", "u1", "anonymous_id", "anon-1"])
            let identify = try #require(events.last)
            #expect(identify.kind == "identify" && identify.identities == ["user_id", "u1", "anonymous_id", "anon-1"])
            #expect(try await harness.quarantined().map(\.reason) == [.unknownEventType])
            #expect(try await harness.buyers() == [.init(orders: 1, spend: 2500)])
        }
    }

    @Test("the newer capture answers for each event")
    func eachResult() async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            var body = try JSONValue(parsing: try Captured.text("posthog-python-7.91.1.v1.json"))
            var items = try #require(body["batch"]?.arrayValue)
            items.append(["uuid": "bad-1", "distinct_id": "u1", "properties": 3, "event": "B"])
            body = ["batch": .array(items), "created_at": body["created_at"] ?? .null]
            let reply = try await harness.json(
                "/i/v1/analytics/events", body, [.authorization: "Bearer \(harness.key)"])
            let results = try reply.json["results"]
            #expect(reply.status == 200 && results?.objectValue?.count == 3)
            #expect(results?["29a08408-6acb-4689-a429-38cea66c9fba"]?["result"] == "ok")
            #expect(results?["bad-1"]?["result"] == "drop" && results?["bad-1"]?["details"] != nil)
            #expect(try await harness.logged()[0].context["sessionId"] == "s1")
        }
    }

    @Test("takes what the browser SDK writes: gzip without a header, base64, offsets instead of times")
    func browser() async throws {
        try await CollectHarness.with { harness in
            let page: JSONValue = [
                "event": "$pageview", "uuid": "11111111-0000-4000-8000-000000000001", "offset": 1500,
                "properties": [
                    "token": .string(harness.key), "distinct_id": "device-1", "$device_id": "device-1", "$lib": "web",
                    "$current_url": "https://shop.example/p/1?utm_source=wechat&gclid=g1",
                    "$referrer": "$direct", "$raw_user_agent": "Mozilla/5.0 (X11) Firefox/130.0", "title": "Tea",
                ],
            ]
            let origin: HTTPFields = [.origin: "https://shop.example", .contentType: "text/plain"]
            let packed = try Gzip.compress(JSONValue.array([page]).utf8Text())
            let reply = try await harness.send(.post, "/e/?compression=gzip-js&ver=1", origin, bytes: packed)
            #expect(reply.status == 200 && reply.text == #"{"status":1}"#)
            #expect(reply.headers[.accessControlAllowOrigin] == "https://shop.example")
            let encoded = Data(page.utf8Text()).base64EncodedString()
            let again = try await harness.form("/e/?compression=base64", [("data", encoded)])
            #expect(again.status == 200)
            let event = try #require(try await harness.logged().first)
            #expect(event.kind == "page" && event.identities == ["anonymous_id", "device-1"])
            #expect(event.time == "2026-11-22T17:01:48.500Z")
            #expect(event.context["campaign"] == ["source": "wechat"])
            #expect(event.context["clickIds"] == ["gclid": "g1"] && event.context["page"]?["referrer"] == nil)
            let preflight = try await harness.send(.options, "/e/", [.origin: "https://shop.example"])
            #expect(preflight.status == 204)
            #expect(preflight.headers[.accessControlAllowMethods]?.contains("POST") == true)
        }
    }

    @Test("flags, configuration and recordings answer so that the SDKs go on")
    func flags() async throws {
        try await CollectHarness.with { harness in
            let reply = try await harness.json(
                "/flags/?v=4", ["api_key": .string(harness.key), "distinct_id": "u1"])
            #expect(try reply.status == 200 && reply.json["flags"] == [:])
            #expect(try await harness.json("/decide/?v=3", ["api_key": "phc_wrong"]).status == 401)
            #expect(try await harness.send(.get, "/array/\(harness.key)/config").status == 200)
            #expect(try await harness.json("/s/", [:]).status == 200)
        }
    }

    @Test("says what is wrong in PostHog's own form, and loses no good event")
    func failures() async throws {
        try await CollectHarness.with { harness in
            let wrong = try await harness.json("/batch/", ["api_key": "phc_wrong", "batch": []])
            #expect(wrong.status == 401)
            #expect(try wrong.json["type"] == "authentication_error" && wrong.json["attr"] == "api_key")
            let broken = try await harness.send(
                .post, "/batch/?token=\(harness.key)", [.contentType: "application/json"],
                bytes: Array(#"{"batch":["#.utf8))
            #expect(try broken.status == 400 && broken.json["code"] == "malformed_json")
            let mixed: JSONValue = [
                "api_key": .string(harness.key),
                "batch": [
                    ["event": "A"], 3, ["event": "B", "distinct_id": "u", "timestamp": "never"],
                    ["event": "C", "distinct_id": "u"],
                ],
            ]
            #expect(try await harness.json("/batch/", mixed).status == 200)
            #expect(try await harness.logged().map(\.name) == ["C"])
            #expect(
                try await harness.quarantined().map(\.reason) == [.malformedJSON, .noIdentity, .wrongType, .wrongType])
        }
    }

    @Test("a quarantined event is replayed after it was mended")
    func replay() async throws {
        try await CollectHarness.with { harness in
            let bad: JSONValue = ["api_key": .string(harness.key), "batch": [["event": "A"]]]
            #expect(try await harness.json("/batch/", bad).status == 200)
            let item = try #require(try await harness.quarantined().first)
            try await QuarantineReplay.perform(
                id: item.id, mended: ["event": "A", "distinct_id": "u9"], by: "test", harness.platform)
            #expect(try await harness.logged().map(\.identities) == [["user_id", "u9"]])
        }
    }
}
