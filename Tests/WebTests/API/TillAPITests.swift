import Engine
import Storage
import Testing

@testable import Web

@Suite("The till over the API") struct TillAPITests {
    private static func cart(_ quantity: Int64 = 2) -> JSONValue {
        [
            "lines": [
                ["id": "1", "sku": "TEA", "category": "tea", "quantity": .integer(quantity), "unit_price": 10_000]
            ],
            "store": "sh-01", "channel": "pos",
        ]
    }

    /// A brand with a program, a coupon and a member with 1,000 points.
    private static func prepare(_ harness: CollectHarness) async throws -> (member: JSONValue, code: String) {
        _ = try await harness.api(
            .post, "/api/v1/points/currencies", ["code": "points", "value_per_thousand": 1_000])
        let (effects, text) = (
            harness.platform.effects,
            #"{"enrolment":{"when":"asked"},"rules":[{"id":"base","kind":"order_amount","points":1,"per":1}]}"#
        )
        _ = try await harness.platform.store.write {
            try ProgramVersions.install(title: "First", document: text, by: "system", effects: effects, $0)
        }
        _ = try await harness.segment("/v1/identify", #"{"userId":"ann","messageId":"m-ann"}"#)
        try await harness.process()
        let profile = try #require(
            try await harness.platform.store.read {
                try $0.first("SELECT profile_id FROM identities WHERE value = 'ann'")?.int(0)
            })
        let member = try await harness.api(.post, "/api/v1/members", ["profile_id": .string(String(profile))])
        let id = try #require(try member.json["id"])
        _ = try await harness.api(
            .post, "/api/v1/points/awards", ["member_id": id, "currency": "points", "amount": 1_000, "key": "gift"])
        let definition = try await harness.api(
            .post, "/api/v1/coupons/definitions",
            ["name": "Spring", "rule": ["benefit": ["kind": "amount", "amount": 5_000], "minimum": 15_000]])
        let issued = try await harness.api(
            .post, "/api/v1/coupons/issues",
            [
                "definition_id": try #require(try definition.json["id"]), "profile_id": .string(String(profile)),
                "key": "k",
            ])
        return (id, try #require(try issued.json["coupon"]?["code"]?.stringValue))
    }

    @Test("a cart is quoted, committed, taken back in parts and told of; what is wrong is refused")
    func life() async throws {
        try await CollectHarness.with { harness in
            let (member, code) = try await Self.prepare(harness)
            let who: JSONValue = ["user_id": "ann"]
            let asked = try await harness.api(
                .post, "/api/v1/till/quotes",
                [
                    "who": who, "cart": Self.cart(), "points": ["currency": "points", "amount": 1_000],
                    "coupons": [.string(code), "NOPE"], "language": "zh-Hans",
                ])
            #expect(asked.status == 200)
            let quote = try asked.json
            // Written without a tree, it is the text that a tree gives.
            #expect(asked.text == quote.text())
            #expect(
                quote["coupons"]?[0]?["discount"] == [
                    "amount": 5_000, "lines": [["amount": 5_000, "id": "1"]], "shipping": 0,
                ])
            #expect(quote["best"]?["coupons"]?[0]?["code"] == .string(code) && quote["best"]?["is_proved"] == true)
            #expect(quote["bill"]?["due"] == 14_000 && quote["earned"] == ["points": 140])
            #expect(quote["coupons"]?[0]?["applies"] == true)
            #expect(quote["coupons"]?[1]?["reasons"]?[0]?["text"] == "没有这个券码。")
            #expect(quote["waterfall"]?[0]?["rule"] == "base" && quote["member_id"] == member)
            #expect(quote["spendable"]?[0]?["most"] == 1_000)
            let small = try await harness.api(
                .post, "/api/v1/till/quotes", ["who": ["member_id": member], "cart": Self.cart(1)])
            #expect(try small.json["coupons"]?[0]?["reasons"]?[0]?["code"] == "minimum")
            #expect(try small.json["applied"]?["amount"] == 0)
            let sale: JSONValue = [
                "order": "o1", "who": who, "cart": Self.cart(), "coupons": [.string(code)],
                "points": ["currency": "points", "amount": 1_000],
            ]
            let made = try await harness.api(.post, "/api/v1/till/orders", sale)
            #expect(made.status == 201)
            #expect(try made.json["earned"] == ["points": 140] && made.json["bill"] == quote["bill"])
            #expect(try made.json["rules"]?[0]?["rule"] == "base")
            let again = try await harness.api(.post, "/api/v1/till/orders", sale)
            #expect(try again.status == 200 && again.json["repeated"] == true)
            #expect(try again.json["balances"] == made.json["balances"])
            let other = try await harness.api(
                .post, "/api/v1/till/orders", ["order": "o1", "who": who, "cart": Self.cart(1)])
            #expect(try other.status == 409 && other.code == "order_reused")
            let part = try await harness.api(
                .post, "/api/v1/till/orders/o1/returns",
                ["key": "r1", "lines": [["id": "1", "quantity": 1]]])
            #expect(try part.status == 201 && part.json["refund"] == 7_000)
            #expect(try part.json["given_back"] == ["currency": "points", "amount": 500, "pool": false])
            #expect(try part.json["taken_back"] == ["points": 70])
            let much = try await harness.api(
                .post, "/api/v1/till/orders/o1/returns",
                ["key": "r2", "lines": [["id": "1", "quantity": 2]]])
            #expect(try much.status == 409 && much.code == "line_quantity")
            let rest = try await harness.api(.post, "/api/v1/till/orders/o1/cancellation", [:])
            #expect(try rest.status == 201 && rest.json["complete"] == true)
            #expect(try rest.json["coupons"]?[0]?["state"] == "issued")
            let told = try await harness.api(.get, "/api/v1/till/orders/o1")
            #expect(try told.json["returns"]?.arrayValue?.count == 2)
            #expect(try await harness.api(.get, "/api/v1/till/orders/none").status == 404)
            let wrong: [(JSONValue, String)] = [
                (["phone": "123"], "unknown_person"), (["user_id": "a", "card": "b"], "invalid_body"),
            ]
            for (who, problem) in wrong {
                let refused = try await harness.api(
                    .post, "/api/v1/till/orders", ["order": "x", "who": who, "cart": Self.cart()])
                #expect(try refused.status == 422 && refused.code == problem)
            }
        }
    }
}
