import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("Matomo collector") struct MatomoTests {
    @Test("takes every request of matomo.js as it was captured")
    func browser() async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            let queries = try Captured.text("matomo-js-2024-10-24.queries.txt").split(separator: "\n")
            for query in queries {
                let reply = try await harness.send(
                    .get, "/matomo.php?" + query.replacingOccurrences(of: "idsite=7&", with: "idsite=\(harness.key)&"))
                #expect(reply.status == 200 && reply.headers[.contentType] == "image/gif", "\(query)")
            }
            let events = try await harness.logged()
            #expect(
                events.map(\.name) == ["Page Viewed", "add", "Goal Reached", "Products Searched", "Order Completed"])
            #expect(events[0].identities == ["user_id", "u1", "anonymous_id", "be4a3fb80428f102"])
            #expect(events[0].context["campaign"] == ["source": "wechat", "medium": "social", "name": "double11"])
            #expect(events[0].context["page"]?["referrer"] == "https://www.baidu.com/s?wd=会员积分")
            #expect(events[1].properties["value"] == 2 && events[2].properties["revenue"] == 9.9)
            #expect(events[3].properties["query"] == "mug")
            #expect(
                events[4].properties["products"]?[0] == [
                    "sku": "sku1", "product_id": "sku1", "name": "Mug", "category": "Kitchen", "price": 12.5,
                    "quantity": 2,
                ])
            // Spend is net of tax and shipping.
            #expect(try await harness.buyers() == [.init(orders: 1, spend: 2500)])
        }
    }

    @Test("takes every request of piwikapi as it was captured, the product of a page among them")
    func python() async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            let queries = try Captured.text("piwikapi-0.3.queries.txt").split(separator: "\n")
            for query in queries {
                let keyed = query.replacingOccurrences(of: "0123456789abcdef0123456789abcdef", with: harness.key)
                #expect(try await harness.send(.get, "/matomo.php?" + keyed).status == 200)
            }
            let events = try await harness.logged()
            #expect(
                events.map(\.name) == [
                    "Page Viewed", "File Downloaded", "Order Completed", "Page Viewed", "Product Viewed",
                    "Goal Reached",
                ])
            #expect(events[0].identities == ["anonymous_id", "0123456789abcdef"])
            #expect(events[4].properties["sku"] == "sku1" && events[4].properties["price"] == 12.5)
        }
    }

    @Test("bulk: good hits are kept, bad ones counted")
    func bulk() async throws {
        try await CollectHarness.with { harness in
            let body: JSONValue = [
                "requests": [
                    "?idsite=1&rec=1&url=https%3A%2F%2Fa.example%2F&_id=v1", "?idsite=1&url=https%3A%2F%2Fa.example%2F",
                    "?idsite=1&rec=1&_id=v1&url=x&cdt=never", 5,
                ],
                "token_auth": .string(harness.key),
            ]
            let reply = try await harness.json("/matomo.php", body, gzip: true)
            #expect(try reply.status == 200 && reply.json["status"] == "success")
            #expect(try reply.json["tracked"] == 1 && reply.json["invalid"] == 3)
            #expect(try reply.json["invalid_indices"] == [1, 2, 3])
            let wrong = try await harness.json("/matomo.php", ["requests": ["?idsite=1&rec=1&url=x&_id=v"]])
            #expect(try wrong.status == 401 && wrong.json["status"] == "error")
        }
    }

    @Test("forms by beacon, no image when none is wanted, and what is wrong in words")
    func forms() async throws {
        try await CollectHarness.with { harness in
            let form = "idsite=\(harness.key)&rec=1&_id=v1&url=https%3A%2F%2Fa.example%2F&send_image=0"
            let reply = try await harness.send(
                .post, "/matomo.php", [.contentType: "application/x-www-form-urlencoded; charset=utf-8"],
                bytes: Array(form.utf8))
            #expect(reply.status == 204 && reply.bytes.isEmpty)
            let missing = try await harness.send(.get, "/piwik.php?idsite=\(harness.key)&url=x&_id=v1")
            #expect(missing.status == 400 && missing.text.contains("rec=1"))
            let items = try await harness.send(
                .get, "/matomo.php?idsite=\(harness.key)&rec=1&_id=v1&idgoal=0&ec_id=o&revenue=1&ec_items=%5B")
            #expect(items.status == 400 && items.text.contains("ec_items"))
            #expect(try await harness.send(.get, "/matomo.php?idsite=7&rec=1&_id=v&url=x").status == 401)
            #expect(try await harness.logged().count == 1)
        }
    }
}
