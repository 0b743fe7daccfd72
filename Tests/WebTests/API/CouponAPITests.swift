import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite("Coupons over the API") struct CouponAPITests {
    private static func person(_ harness: CollectHarness, _ user: String) async throws -> JSONValue {
        _ = try await harness.segment("/v1/identify", #"{"userId":"\#(user)","messageId":"m-\#(user)"}"#)
        try await harness.process()
        let id = try await harness.platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0)
        }
        return .string(String(try #require(id)))
    }

    private static let cart: JSONValue = [
        "lines": [["id": "1", "sku": "TEA", "category": "tea", "quantity": 2, "unit_price": 10_000]],
        "store": "sh-01", "channel": "pos",
    ]

    @Test("a definition is made, printed, issued, judged, locked, redeemed and rolled back; what is wrong is told")
    func life() async throws {
        try await CollectHarness.with { harness in
            let rule: JSONValue = [
                "benefit": ["kind": "amount", "amount": 5_000], "minimum": 15_000, "categories": ["only": ["tea"]],
                "validity": ["days": 30],
            ]
            let made = try await harness.api(
                .post, "/api/v1/coupons/definitions", ["name": "Spring", "rule": rule])
            #expect(made.status == 201)
            let id = try #require(try made.json["id"]?.stringValue)
            #expect(try made.json["printed"]?["en"]?["headline"] == "¥50 off from ¥150")
            #expect(try made.json["printed"]?["zh-Hans"]?["lines"]?.arrayValue?.count == 17)
            let bad = try await harness.api(
                .post, "/api/v1/coupons/definitions",
                ["name": "Bad", "rule": ["benefit": ["kind": "percent"]]])
            #expect(try bad.status == 422 && bad.code == "invalid_rule")
            let ann = try await Self.person(harness, "ann")
            let issue: JSONValue = ["definition_id": .string(id), "profile_id": ann, "key": "welcome"]
            let issued = try await harness.api(.post, "/api/v1/coupons/issues", issue)
            #expect(issued.status == 201)
            #expect(try await harness.api(.post, "/api/v1/coupons/issues", issue).status == 200)
            let code = try #require(try issued.json["coupon"]?["code"]?.stringValue)
            let coupon = try #require(try issued.json["coupon"]?["id"]?.stringValue)
            let judged = try await harness.api(
                .post, "/api/v1/coupons/validations",
                ["cart": Self.cart, "profile_id": ann, "codes": [.string(code), "NOPE-NOPE"]])
            #expect(try judged.json["items"]?[0]?["applies"] == true)
            #expect(try judged.json["items"]?[0]?["discount"]?["lines"]?[0]?["amount"] == 5_000)
            #expect(try judged.json["items"]?[1]?["reasons"]?[0]?["code"] == "mistyped")
            #expect(try judged.json["best"]?["amount"] == 5_000)
            let order: JSONValue = ["order": "o1", "codes": [.string(code)], "cart": Self.cart, "profile_id": ann]
            #expect(try await harness.api(.post, "/api/v1/coupons/locks", order).status == 201)
            let stranger = try await harness.api(
                .post, "/api/v1/coupons/redemptions",
                ["order": "o2", "codes": [.string(code)], "cart": Self.cart])
            #expect(try stranger.status == 409 && stranger.code == "refused")
            let redeem: JSONValue = ["order": "o1", "codes": [.string(code)]]
            #expect(try await harness.api(.post, "/api/v1/coupons/redemptions", redeem).status == 201)
            let again = try await harness.api(.post, "/api/v1/coupons/redemptions", redeem)
            #expect(try again.status == 200 && again.json["repeated"] == true)
            let back = try await harness.api(
                .post, "/api/v1/coupons/rollbacks",
                ["order": "o1", "key": "r1", "lines": [["id": "1", "quantity": 1]]])
            #expect(try back.json["uses"]?[0]?["standing"] == 2_500)
            let shown = try await harness.api(.get, "/api/v1/coupons/orders/o1")
            #expect(try shown.json["uses"]?[0]?["state"] == "redeemed")
            let history = try await harness.api(.get, "/api/v1/coupons/\(coupon)/history")
            #expect(
                try history.json["items"]?.arrayValue?.compactMap { $0["kind"]?.stringValue } == [
                    "part_returned", "captured", "locked", "issued",
                ])
            let void = try await harness.api(.post, "/api/v1/coupons/\(coupon)/void", ["reason": "x"])
            #expect(try void.status == 409 && void.code == "not_voidable")
            #expect(try await harness.api(.delete, "/api/v1/coupons/definitions/\(id)").status == 409)
        }
    }

    @Test("codes are drawn by a job and come as CSV; guessing is throttled")
    func batch() async throws {
        try await CollectHarness.with { harness in
            let made = try await harness.api(
                .post, "/api/v1/coupons/definitions",
                ["name": "Codes", "rule": ["benefit": ["kind": "shipping"]]])
            let id = try #require(try made.json["id"]?.stringValue)
            let asked = try await harness.api(
                .post, "/api/v1/coupons/definitions/\(id)/batches",
                ["pattern": "SHIP-####-####C", "count": 50])
            #expect(asked.status == 202)
            let batch = try #require(try asked.json["id"]?.stringValue)
            _ = try await JobRunner(platform: harness.platform).drain()
            #expect(try await harness.api(.get, "/api/v1/coupons/batches/\(batch)").json["made"] == 50)
            let file = try await harness.api(.get, "/api/v1/coupons/batches/\(batch)/file")
            #expect(file.text.split(separator: "\r\n").count == 51)
            let code = String(file.text.split(separator: "\r\n")[1].split(separator: ",")[0])
            let found = try await harness.api(.get, "/api/v1/coupons?code=\(code)")
            #expect(try found.json["items"]?[0]?["kind"] == "code")
            let ann = try await Self.person(harness, "ann")
            var statuses: [Int] = []
            for number in 0..<11 {
                let answer = try await harness.api(
                    .post, "/api/v1/coupons/claims", ["code": "G\(number)", "profile_id": ann])
                statuses.append(answer.status)
            }
            #expect(statuses == [Int](repeating: 409, count: 10) + [429])
            let later = try await harness.api(
                .post, "/api/v1/coupons/claims", ["code": .string(code), "profile_id": ann])
            #expect(later.status == 429)
        }
    }
    @Test("guesses are counted by network too: behind a proxy of ours, by the address that it forwards")
    func guessing() async throws {
        try await CollectHarness.with { harness in
            let forwarded = try #require(HTTPField.Name("X-Forwarded-For"))
            func guess(_ peer: String, from client: String? = nil, _ secret: String) async throws -> Int {
                var headers = HTTPFields()
                if let client { headers[forwarded] = client }
                return try await harness.api(
                    .post, "/api/v1/coupons/validations",
                    [
                        "codes": ["GUESS"],
                        "cart": ["lines": [["id": "1", "sku": "TEA", "quantity": 1, "unit_price": 100]]],
                    ], headers: headers, secret: secret, peer: peer
                ).status
            }
            let keys = [
                try await harness.key(for: [.loyaltyRead, .loyaltyWrite]),
                try await harness.key(for: [.loyaltyRead, .loyaltyWrite]),
            ]
            for number in 0..<CouponLimits.attemptsByNetwork {
                #expect(try await guess("10.0.0.2", from: "2001:db8:1:2::\(number % 9)", keys[number % 2]) == 200)
            }
            let third = try await harness.key(for: [.loyaltyRead, .loyaltyWrite])
            #expect(try await guess("10.0.0.2", from: "2001:db8:1:2:ffff::1", third) == 429)
            #expect(try await guess("10.0.0.2", from: "2001:db8:1:3::1", third) == 200)
            // Of somebody who is no neighbour, what they say of themselves counts for nothing.
            #expect(try await guess("198.51.100.4", from: "2001:db8:1:2::1", third) == 200)
        }
    }

    @Test("a network is an IPv4 address, and of IPv6 the first half")
    func networks() {
        #expect(ClientNetwork.network(of: "203.0.113.7") == "203.0.113.7")
        #expect(ClientNetwork.network(of: "::ffff:203.0.113.7") == "203.0.113.7")
        #expect(
            ClientNetwork.network(of: "2001:db8:1:2:3::4") == ClientNetwork.network(of: "2001:db8:1:2:ffff::9"))
        #expect(ClientNetwork.network(of: "2001:db8:1:2::1") != ClientNetwork.network(of: "2001:db8:1:3::1"))
        #expect(ClientNetwork.network(of: "nonsense") == "nonsense")
    }
}
