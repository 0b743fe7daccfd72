import Engine
import Storage
import Testing

@testable import Web

@Suite("The program over the API") struct ProgramAPITests {
    private static let document: JSONValue = [
        "enrolment": ["when": "asked"],
        "rules": [
            ["id": "base", "kind": "order_amount", "points": 1, "per": 10],
            [
                "id": "gift", "kind": "order_fixed", "points": 50,
                "when": [["kind": "order_sum", "is": "at_least", "value": 300]],
            ],
        ],
    ]

    private static func published(_ harness: CollectHarness) async throws {
        _ = try await harness.api(.post, "/api/v1/points/currencies", ["code": "points"])
        let (effects, text) = (harness.platform.effects, document.text())
        _ = try await harness.platform.store.write {
            try ProgramVersions.install(title: "First", document: text, by: "system", effects: effects, $0)
        }
    }

    @Test("a version is drafted, changed, submitted and given back; nobody approves their own; what is wrong is told")
    func versions() async throws {
        try await CollectHarness.with { harness in
            #expect(try await harness.api(.get, "/api/v1/program").status == 404)
            let none = try await harness.api(
                .post, "/api/v1/program/versions", ["title": "A", "document": Self.document])
            #expect(try none.status == 422 && none.code == "invalid_program")
            _ = try await harness.api(.post, "/api/v1/points/currencies", ["code": "points"])
            let made = try await harness.api(
                .post, "/api/v1/program/versions", ["title": "A", "document": Self.document])
            #expect(made.status == 201)
            let path = "/api/v1/program/versions/\(try #require(try made.json["id"]?.stringValue))"
            let wrong = try await harness.api(
                .put, path, ["title": "A", "document": ["rules": [["id": "x", "kind": "magic"]]]])
            #expect(try wrong.status == 422 && wrong.code == "invalid_program")
            let shown = try await harness.api(.get, path)
            #expect(try shown.json["version"]?["document"]?["rules"]?[0]?["id"] == "base")
            #expect(try shown.json["steps"]?.arrayValue?.count == 1)
            let early = try await harness.api(.post, path + "/publication", [:])
            #expect(try early.status == 409 && early.code == "wrong_status")
            #expect(try await harness.api(.post, path + "/submission", ["note": "look"]).status == 201)
            let own = try await harness.api(.post, path + "/approval", [:])
            #expect(try own.status == 409 && own.code == "same_actor")
            let back = try await harness.api(.post, path + "/rejection", ["note": "not yet"])
            #expect(try back.json["status"] == "draft")
            #expect(try await harness.api(.delete, path).status == 200)
            #expect(try await harness.api(.get, path).status == 404)
            let types = try await harness.api(.get, "/api/v1/program/rule-types")
            #expect(try types.json["rules"]?.arrayValue?.count == EarningRuleCatalog.all.count)
        }
    }

    @Test("a till asks what a cart would earn, the order earns it, and its waterfall is told")
    func earning() async throws {
        try await CollectHarness.with { harness in
            try await Self.published(harness)
            _ = try await harness.segment("/v1/identify", #"{"userId":"ann","messageId":"m-1"}"#)
            try await harness.process()
            let profile = try await harness.platform.store.read {
                try $0.first("SELECT profile_id FROM identities WHERE value = 'ann'")?.int(0)
            }
            let member = try await harness.api(
                .post, "/api/v1/members", ["profile_id": .string(String(try #require(profile)))])
            let id = try #require(try member.json["id"]?.stringValue)
            let cart: JSONValue = ["revenue": 250, "products": [["sku": "tea", "price": 125, "quantity": 2]]]
            let asked = try await harness.api(
                .post, "/api/v1/program/evaluations", ["member_id": .string(id), "order": cart])
            #expect(try asked.json["points"]?["points"] == 25)
            #expect(try asked.json["amount"] == 25_000)
            #expect(try asked.json["waterfall"]?[1]?["verdict"] == "unmet")
            #expect(try asked.json["waterfall"]?[1]?["found"] == "250")
            let stranger = try await harness.api(.post, "/api/v1/program/evaluations", ["order": cart])
            #expect(try stranger.json["points"]?["points"] == 25 && stranger.json["member_id"] == .null)
            #expect(try await harness.api(.post, "/api/v1/program/evaluations", [:]).status == 422)
            _ = try await harness.segment(
                "/v1/track",
                #"{"userId":"ann","messageId":"m-2","event":"Order Completed","properties":{"order_id":"o1","revenue":250,"products":[{"sku":"tea","price":125,"quantity":2}]}}"#
            )
            try await harness.process()
            let earned = try await harness.api(.get, "/api/v1/members/\(id)/earnings")
            #expect(try earned.json["items"]?[0]?["points"]?["points"] == 25)
            let key = try #require(try earned.json["items"]?[0]?["awards"]?[0]?["keys"]?[0]?.stringValue)
            let found = try await harness.api(.get, "/api/v1/program/earnings?order_id=o1")
            let same = try await harness.api(.get, "/api/v1/program/earnings?award=\(key)")
            #expect(try found.json == same.json)
            #expect(try found.json["items"]?[0]?["waterfall"]?[0]?["why"]?["en"] == "gave")
            #expect(try await harness.api(.get, "/api/v1/program/earnings").status == 400)
        }
    }
}
