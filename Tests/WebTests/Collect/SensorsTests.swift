import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("Sensors collector") struct SensorsTests {
    @Test("takes every call of the Python SDK as it was captured")
    func python() async throws {
        try await CollectHarness.with(at: CollectHarness.now.adding(milliseconds: 3_600_000)) { harness in
            let calls = try Captured.lines("SensorsAnalyticsSDK-1.11.0.items.ndjson")
            for call in calls {
                let payload = try #require(call["payload"])
                let reply = try await post(payload, harness)
                #expect(reply.status == 200 && reply.text.isEmpty, "\(call.text()): \(reply.text)")
            }
            let events = try await harness.logged()
            let first = try #require(events.first)
            #expect(first.name == "BuyProduct" && first.identities == ["user_id", "u1"])
            #expect(first.properties["price"] == 12.5 && first.properties["$lib"] == nil)
            #expect(first.context["ip"] == "1.2.3.4")
            #expect(first.context["library"] == ["name": "python", "version": "1.11.0"])
            #expect(events[1].kind == "alias")
            #expect(events[1].identities == ["user_id", "u1", "anonymous_id", "anon-1"])
            #expect(events[2].traits == ["city": "上海", "age": 3])
            #expect(events[2...7].map(\.operation) == ["set", "set_once", "increment", "append", "unset", "delete"])
            let bind = try #require(events.first { $0.identities == ["user_id", "u1", "email", "a@b.c"] })
            #expect(bind.kind == "alias")
            let mobile = try #require(events.first { $0.identities == ["phone", "13800000000"] })
            #expect(mobile.name == "View")
            #expect(events.contains { $0.time == "2023-11-14T22:13:20.000Z" })
            let items = events.filter { $0.name.hasPrefix("Item ") }
            #expect(items.map(\.name) == ["Item Set", "Item Deleted"] && items.allSatisfy(\.identities.isEmpty))
            #expect(items[0].properties == ["item_type": "book", "item_id": "0321714113", "name": "C++"])
            #expect(items[0].messageID != items[1].messageID)
            let unbound = try #require(events.first { $0.kind == "unbind" })
            #expect(unbound.name == "Identity Unbound" && unbound.identities == ["email", "a@b.c"])
            #expect(try await harness.quarantined().isEmpty)
        }
    }

    @Test("takes every request of the Web SDK as it was captured, pixel and form")
    func web() async throws {
        try await CollectHarness.with(at: CollectHarness.now.adding(milliseconds: 3_600_000)) { harness in
            let payloads = try Captured.lines("sa-sdk-javascript-1.27.10.items.ndjson")
            for payload in payloads {
                let name = payload.arrayValue == nil ? "data" : "data_list"
                let encoded = try #require(
                    payload.text().data(using: .utf8)?.base64EncodedString().addingPercentEncoding(
                        withAllowedCharacters: .alphanumerics))
                let query = "/sa.gif?project=default&token=\(harness.key)"
                let pixel = try await harness.send(.get, "\(query)&\(name)=\(encoded)&ext=crc%3D1")
                #expect(pixel.status == 200 && pixel.headers[.contentType] == "image/gif")
                #expect(pixel.bytes.starts(with: Array("GIF89a".utf8)) && pixel.bytes.count == 43)
                let form = try await harness.send(
                    .post, query, [.contentType: "text/plain;charset=UTF-8"],
                    bytes: Array("\(name)=\(encoded)&ext=crc%3D1".utf8))
                #expect(form.status == 200)
            }
            let events = try await harness.logged()
            let page = try #require(events.first)
            #expect(page.kind == "page" && page.name == "Page Viewed")
            #expect(page.context["page"]?["title"] == "Product 1")
            #expect(page.context["campaign"]?["source"] == "wechat")
            #expect(page.identities.first == "anonymous_id" && page.identities.count == 2)
            // The same by pixel and by form: one message id.
            #expect(events[0].messageID == events[1].messageID)
            let signUp = try #require(events.first { $0.kind == "alias" })
            #expect(signUp.identities[0...1] == ["user_id", "u1"] && signUp.identities[2] == "anonymous_id")
            let unbound = try #require(events.first { $0.name == "Identity Unbound" })
            #expect(unbound.kind == "unbind" && unbound.identities == ["phone", "13800000000"])
        }
    }

    @Test("an item without its type or id, and an unbind of nothing, are set aside")
    func incomplete() async throws {
        try await CollectHarness.with { harness in
            let payloads: [JSONValue] = [
                ["type": "item_set", "item_id": "7"], ["type": "track_id_unbind", "distinct_id": "u1"],
            ]
            for payload in payloads { #expect(try await post(payload, harness).status == 200) }
            #expect(try await harness.logged().isEmpty)
            let reasons = try await harness.quarantined().map(\.reason)
            #expect(reasons == [.missingField, .missingField])
        }
    }

    @Test("a rule turns their orders into ours")
    func mapping() async throws {
        try await CollectHarness.with { harness in
            let payload: JSONValue = [
                "type": "track", "event": "PayOrder", "distinct_id": "u1",
                "time": .integer(CollectHarness.now.milliseconds),
                "properties": ["$is_login_id": true, "OrderID": "o-9", "order_amount": 88.5, "coupon": "TEA"],
            ]
            #expect(try await post(["data": payload], harness, unwrap: true).status == 200)
            let event = try #require(try await harness.logged().first)
            #expect(event.name == "Order Completed")
            #expect(event.properties == ["order_id": "o-9", "total": 88.5, "coupon": "TEA"])
        }
    }

    @Test("the debug address tells what is wrong, and a dry run stores nothing")
    func debug() async throws {
        try await CollectHarness.with { harness in
            let good = "data=" + Data(#"{"type":"track","event":"E","distinct_id":"d"}"#.utf8).base64EncodedString()
            let query = "/debug?project=default&token=\(harness.key)"
            var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
            headers[try #require(HTTPField.Name("Dry-Run"))] = "true"
            #expect(try await harness.send(.post, query, headers, bytes: Array(good.utf8)).status == 200)
            #expect(try await harness.logged().isEmpty)
            let bad = "data=" + Data(#"{"type":"track","distinct_id":"d"}"#.utf8).base64EncodedString()
            let reply = try await harness.send(.post, query, headers, bytes: Array(bad.utf8))
            #expect(try reply.status == 400 && reply.code == "missing_field")
            #expect(try await harness.quarantined().isEmpty)
        }
    }

    @Test(
        "damaged forms are refused and kept",
        arguments: ["", "data=", "data=***", "data=bm90IGpzb24%3D", "x=1", "data=H4sIAAAA&gzip=1"])
    func damaged(form: String) async throws {
        try await CollectHarness.with { harness in
            let reply = try await harness.send(.post, "/sa?token=\(harness.key)", bytes: Array(form.utf8))
            #expect(reply.status == 400)
            #expect(try reply.code != nil)
            #expect(try await harness.quarantined().count == 1)
            #expect(try await harness.send(.post, "/sa?token=wrong", bytes: Array(form.utf8)).status == 401)
        }
    }

    private func post(_ payload: JSONValue, _ harness: CollectHarness, unwrap: Bool = false) async throws
        -> CollectHarness.Reply
    {
        let inner = unwrap ? payload["data"] ?? payload : payload
        let name = inner.arrayValue == nil ? "data" : "data_list"
        let encoded = Data(try Gzip.compress(inner.utf8Text())).base64EncodedString()
        let form = try #require(encoded.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        return try await harness.send(
            .post, "/sa?project=default&token=\(harness.key)",
            [.contentType: "application/x-www-form-urlencoded"], bytes: Array("\(name)=\(form)&gzip=1".utf8))
    }
}
