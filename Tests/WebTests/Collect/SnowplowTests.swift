import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("Snowplow collector") struct SnowplowTests {
    private static let path = "/com.snowplowanalytics.snowplow/tp2"

    @Test("takes every call of the Python tracker as it was captured, by POST and GET")
    func python() async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            let text = try Captured.text("snowplow-tracker-1.1.0.payloads.ndjson")
                .replacing(key: "\"\(harness.key)\"", in: ["\"shop\""])
            for line in text.split(separator: "\n") {
                let reply = try await harness.json(Self.path, try JSONValue(parsing: line))
                #expect(reply.status == 200 && reply.text == "ok")
            }
            let query = try Captured.text("snowplow-tracker-1.1.0.query.txt").dropLast()
                .replacingOccurrences(of: "aid=shop", with: "aid=\(harness.key)")
            let pixel = try await harness.send(.get, "/i?\(query)")
            #expect(pixel.status == 200 && pixel.headers[.contentType] == "image/gif")
            let events = try await harness.logged()
            #expect(events.map(\.kind) == ["page", "track", "track", "track", "screen", "page"])
            #expect(events[0].identities == ["user_id", "u1", "anonymous_id", "duid-1"])
            #expect(events[0].messageID == "c8b4b398-e5d7-45cc-858f-94261a266c44")
            #expect(events[0].context["campaign"]?["source"] == "x" && events[0].context["ip"] == "1.2.3.4")
            #expect(events[0].properties["entities"]?["user"]?["tier"] == "gold")
            // The category is not the app id that the fixture shares its word with.
            #expect(events[1].name == "add" && events[1].properties["value"] == 2.5)
            #expect(events[2].name == "order" && events[2].properties["total"] == 25.0)
            #expect(events[3].name == "Page Pinged" && events[3].properties["scroll_y_max"] == 500)
            #expect(events[4].properties["name"] == "Home")
            #expect(try await harness.quarantined().isEmpty)
        }
    }

    @Test("orders: the old transaction with its lines, and the e-commerce schemas")
    func orders() async throws {
        try await CollectHarness.with { harness in
            let vendor = "iglu:com.snowplowanalytics.snowplow.ecommerce"
            let action: JSONValue = [
                "schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
                "data": [
                    "schema": .string("\(vendor)/snowplow_ecommerce_action/jsonschema/1-0-2"),
                    "data": ["type": "transaction"],
                ],
            ]
            let entities: JSONValue = [
                "schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
                "data": [
                    [
                        "schema": .string("\(vendor)/transaction/jsonschema/1-0-0"),
                        "data": ["transaction_id": "T2", "revenue": 40, "currency": "CNY", "payment_method": "card"],
                    ],
                    [
                        "schema": .string("\(vendor)/product/jsonschema/1-0-0"),
                        "data": ["id": "p1", "name": "茶", "price": 40, "currency": "CNY", "category": "tea"],
                    ],
                ],
            ]
            let body: JSONValue = [
                "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
                "data": [
                    [
                        "e": "tr", "tr_id": "T1", "tr_tt": "25.5", "tr_cu": "CNY", "uid": "u1",
                        "aid": .string(harness.key),
                    ],
                    [
                        "e": "ti", "ti_id": "T1", "ti_sk": "s1", "ti_pr": "12.75", "ti_qu": "2", "uid": "u1",
                        "aid": .string(harness.key),
                    ],
                    [
                        "e": "ue", "uid": "u1", "aid": .string(harness.key), "ue_pr": .string(action.text()),
                        "co": .string(entities.text()),
                    ],
                ],
            ]
            #expect(try await harness.json(Self.path, body).status == 200)
            let events = try await harness.logged()
            #expect(events.map(\.name) == ["Order Completed", "Order Completed"])
            #expect(events[0].properties["products"]?[0]?["quantity"] == 2)
            #expect(events[1].properties["products"]?[0]?["product_id"] == "p1")
            #expect(try await harness.buyers() == [.init(orders: 2, spend: 6550)])
        }
    }

    @Test("a bad event never rejects the others, an unknown app id is told")
    func failures() async throws {
        try await CollectHarness.with { (harness: CollectHarness) async throws -> Void in
            let good: JSONValue = ["e": "pv", "url": "https://a.example/", "duid": "d", "aid": .string(harness.key)]
            let bad: [JSONValue] = [
                ["e": "zz", "duid": "d"], ["e": "ue", "duid": "d", "ue_px": "%%%"], ["e": "pv"], 7,
            ]
            let body: JSONValue = ["data": .array([good] + bad)]
            #expect(try await harness.json(Self.path, body).status == 200)
            #expect(try await harness.logged().count == 1)
            #expect(
                try await harness.quarantined().map(\.reason) == [
                    .unknownEventType, .badEncoding, .noIdentity, .wrongType,
                ])
            #expect(try await harness.send(.get, "/i?e=pv&duid=d&aid=wrong").status == 401)
            #expect(try await harness.json("\(Self.path)?token=\(harness.key)", ["a": 1]).status == 400)
        }
    }
}
