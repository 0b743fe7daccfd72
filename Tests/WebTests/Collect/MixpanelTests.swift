import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("Mixpanel collector") struct MixpanelTests {
    @Test("takes every call of the Python SDK as it was captured")
    func python() async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            for call in try Captured.lines("mixpanel-python-5.4.1.calls.ndjson") {
                let path = try #require(call["path"]?.stringValue)
                let fields = try #require(call["form"]?.objectValue).map { name, value in
                    (name, name == "data" ? value.text().replacing(key: harness.key, in: ["TOKEN"]) : value.word ?? "")
                }
                let reply = try await harness.form(path, fields)
                #expect(reply.status == 200 && reply.text == #"{"error":null,"status":1}"#, "\(call.text())")
            }
            let events = try await harness.logged()
            let order = try #require(events.first)
            #expect(order.name == "Order Completed" && order.messageID == "b3f3fa5ef12a4b78b789ac6359b8dddf")
            #expect(order.identities == ["user_id", "u1"] && order.properties["token"] == nil)
            #expect(events[1].time == "2020-09-13T12:26:40.000Z")
            #expect(events[2].kind == "alias")
            #expect(events[2].identities == ["user_id", "u1", "anonymous_id", "anon-1"])
            #expect(events[3].traits == ["email": "a@b.c", "plan": "gold"])
            #expect(
                events[3...].map(\.operation) == [
                    "set", "set_once", "increment", "append", "append", "unset", "delete", "set",
                ])
            let charge = try #require(events.last)
            #expect(charge.name == "Order Completed" && charge.properties["total"] == 12.5)
            // `$remove` and properties of groups have no counterpart: kept aside, told why.
            #expect(try await harness.quarantined().map(\.dialect) == ["mixpanel:engage", "mixpanel:groups"])
        }
    }

    @Test("a purchase and a charge are orders")
    func orders() async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            let purchase: JSONValue = [
                "event": "purchase",
                "properties": [
                    "token": .string(harness.key), "distinct_id": "u1", "$insert_id": "p-1", "value": 30,
                    "currency": "CNY",
                    "items": [["item_id": "sku1", "item_name": "茶", "price": 15, "quantity": 2]],
                ],
            ]
            let charge: JSONValue = [
                "$token": .string(harness.key), "$distinct_id": "u1",
                "$append": ["$transactions": ["$time": "2026-11-20T03:04:05", "$amount": 12.5]],
            ]
            #expect(try await harness.json("/track", .array([purchase])).text == "1")
            for _ in 0..<2 { #expect(try await harness.json("/engage?verbose=1", charge).status == 200) }
            #expect(try await harness.buyers() == [.init(orders: 2, spend: 4250)])
            let event = try #require(try await harness.logged().first)
            #expect(event.properties["products"]?[0]?["product_id"] == "sku1")
        }
    }

    @Test("the browser's ids: devices, users, and both together")
    func identities() {
        func claims(_ name: String, _ properties: [String: JSONValue]) -> [String] {
            MixpanelIdentities.claims(name, properties).map { "\($0.kind)=\($0.value)" }
        }
        #expect(claims("A", ["distinct_id": "$device:d1", "$device_id": "d1"]) == ["anonymous_id=d1"])
        #expect(
            claims("A", ["distinct_id": "u1", "$user_id": "u1", "$device_id": "d1"]) == [
                "user_id=u1", "anonymous_id=d1",
            ])
        #expect(
            claims("$identify", ["distinct_id": "u1", "$anon_distinct_id": "$device:d1"]) == [
                "user_id=u1", "anonymous_id=d1",
            ])
        #expect(claims("$create_alias", ["distinct_id": "d1", "alias": "u1"]) == ["user_id=u1", "anonymous_id=d1"])
        #expect(claims("A", [:]) == [])
    }

    @Test("base64, pixels and imports answer in the form that was asked for")
    func forms() async throws {
        try await CollectHarness.with { harness in
            let item: JSONValue = ["event": "A", "properties": ["token": .string(harness.key), "distinct_id": "u"]]
            let encoded = CollectHarness.escaped(Data(item.utf8Text()).base64EncodedString())
            let pixel = try await harness.send(.get, "/track/?data=\(encoded)&img=1")
            #expect(pixel.status == 200 && pixel.headers[.contentType] == "image/gif")
            #expect(
                try await harness.form("/track/?verbose=1&ip=1", [("data", item.text())]).text.contains("\"status\":1"))
            let imported = try await harness.json(
                "/import?strict=1", .array([item, ["event": "B"]]), [.authorization: harness.basic(harness.key)])
            #expect(try imported.status == 400 && imported.json["num_records_imported"] == 1)
            #expect(try imported.json["failed_records"]?[0]?["index"] == 1)
            #expect(try await harness.logged().count == 3)
        }
    }

    @Test("refuses in Mixpanel's own form")
    func failures() async throws {
        try await CollectHarness.with { harness in
            let item: JSONValue = ["event": "A", "properties": ["token": "wrong", "distinct_id": "u"]]
            let verbose = try await harness.form("/track", [("data", item.text()), ("verbose", "1")])
            #expect(try verbose.status == 401 && verbose.json["status"] == 0 && verbose.json["error"] != nil)
            #expect(try await harness.json("/track", item).text == "0")
            #expect(try await harness.form("/track?token=\(harness.key)", [("data", "***")]).status == 400)
            #expect(try await harness.quarantined().map(\.reason) == [.badEncoding])
        }
    }
}
