import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Pools of points over the API") struct PoolAPITests {
    /// A brand whose points may be shared, a pool that Ann owns and Bob has joined, and 1,000 points of Ann's.
    struct House {
        var harness: CollectHarness
        var ann: JSONValue
        var bob: JSONValue
        var pool: String

        init(_ harness: CollectHarness) async throws {
            self.harness = harness
            _ = try await harness.api(
                .post, "/api/v1/points/currencies",
                ["code": "points", "value_per_thousand": 1_000, "poolable": true])
            ann = .string(try await PointsAPITests.member(harness, "ann"))
            bob = .string(try await PointsAPITests.member(harness, "bob"))
            let made = try await harness.api(
                .post, "/api/v1/points/pools", ["member_id": ann, "name": "Home", "key": "home"])
            #expect(made.status == 201)
            pool = try #require(try made.json["id"]?.stringValue)
            let invited = try await harness.api(
                .post, "/api/v1/points/pools/\(pool)/invitations", ["member_id": bob, "by_id": ann])
            #expect(try invited.status == 201 && invited.json["open"] == true)
            let id = try #require(try invited.json["id"]?.stringValue)
            let joined = try await harness.api(
                .post, "/api/v1/points/pool-invitations/\(id)/acceptance", ["by_id": bob])
            #expect(try joined.json["members"]?.arrayValue?.map { $0["member_id"] } == [ann, bob])
            _ = try await harness.api(
                .post, "/api/v1/points/awards",
                ["member_id": ann, "currency": "points", "amount": 1_000, "key": "gift"])
        }

        func move(
            _ path: String, _ member: JSONValue, _ amount: Int64, _ key: String
        ) async throws -> CollectHarness.Reply {
            try await harness.api(
                .post, "/api/v1/points/pools/\(pool)/\(path)",
                ["member_id": member, "currency": "points", "amount": .integer(amount), "key": .string(key)])
        }

        func available(_ path: String) async throws -> JSONValue? {
            try await harness.api(.get, path).json["balances"]?["points"]?["available"]
        }

        func verify() async throws {
            #expect(try await PointsVerification.run(harness.platform).flaws == [])
        }
    }

    static func with(_ body: (House) async throws -> Void) async throws {
        try await CollectHarness.with { harness in try await body(try await House(harness)) }
    }

    @Test(
        "points go in, are spent by another member and given back; both statements tell; leaving takes the rest along")
    func life() async throws {
        try await Self.with { house in
            let (harness, pool) = (house.harness, "/api/v1/points/pools/\(house.pool)")
            let again = try await harness.api(
                .post, "/api/v1/points/pools", ["member_id": house.ann, "name": "Home", "key": "home"])
            #expect(try again.status == 200 && again.json["id"] == .string(house.pool))
            let put = try await house.move("contributions", house.ann, 600, "in")
            #expect(try put.status == 201 && put.json["transactions"]?.arrayValue?.count == 2)
            let put2 = try await house.move("contributions", house.ann, 600, "in")
            #expect(try put2.status == 200 && put2.json["transactions"] == put.json["transactions"])
            let spent = try await house.move("redemptions", house.bob, 250, "buy")
            #expect(try spent.status == 201 && spent.json["repeated"] == false)
            #expect(try await house.move("redemptions", house.bob, 250, "buy").status == 200)
            let over = try await house.move("redemptions", house.bob, 351, "more")
            #expect(try over.status == 409 && over.code == "insufficient")
            let back = try await harness.api(
                .post, "/api/v1/points/redemption-returns", ["redemption": "buy", "amount": 50, "key": "back"])
            #expect(back.status == 201)
            #expect(try await house.available(pool) == 400)
            let own = try await harness.api(.get, "/api/v1/members/\(house.bob.stringValue ?? "")/transactions")
            #expect(
                try own.json["items"]?.arrayValue?.map { $0["kind"] } == ["pool_unspend", "pool_spend"])
            let lots = try await harness.api(.get, pool + "/lots")
            #expect(try lots.json["items"]?.arrayValue?.isEmpty == false)
            let told = try await harness.api(.get, pool + "/transactions?limit=2")
            #expect(try told.json["items"]?.arrayValue?.count == 2 && told.json["next_cursor"]?.isNull == false)
            let statement = try await harness.api(.get, pool + "/statement")
            #expect(statement.text.contains("pool_give") || statement.text.contains("pool_take"))
            let ann = house.ann.stringValue ?? ""
            let left = try await harness.api(.post, pool + "/members/\(ann)/departure", ["by_id": house.ann])
            #expect(try left.json["members"]?.arrayValue?.map { $0["owner"] } == [true])
            #expect(try await house.available("/api/v1/members/\(ann)") == 800)
            let over2 = try await harness.api(.post, pool + "/dissolution", ["by_id": house.bob])
            #expect(try over2.json["dissolved_at"]?.isNull == false && over2.json["members"] == [])
            #expect(try await harness.api(.get, "/api/v1/members/\(ann)/pool").json["pool"]?.isNull == true)
            try await house.verify()
        }
    }

    @Test("who may what: invitations, spending, shares, the owner; what is refused says why")
    func rights() async throws {
        try await Self.with { house in
            let (harness, pool) = (house.harness, "/api/v1/points/pools/\(house.pool)")
            let eve: JSONValue = .string(try await PointsAPITests.member(harness, "eve"))
            func refused(
                _ path: String, _ body: JSONValue, _ status: Int, _ code: String, patch: Bool = false
            ) async throws {
                let answer = try await harness.api(patch ? .patch : .post, path, body)
                #expect(try answer.status == status && answer.code == code, "\(path)")
            }
            try await refused(pool + "/invitations", ["member_id": eve, "by_id": house.bob], 403, "not_owner")
            let asked = try await harness.api(
                .post, pool + "/invitations", ["member_id": eve, "by_id": house.ann])
            let repeated = try await harness.api(
                .post, pool + "/invitations", ["member_id": eve, "by_id": house.ann])
            #expect(try repeated.status == 200 && repeated.json["id"] == asked.json["id"])
            let waiting = try await harness.api(
                .get, "/api/v1/members/\(eve.stringValue ?? "")/pool-invitations")
            let id = try #require(try waiting.json["items"]?[0]?["id"]?.stringValue)
            let invitation = "/api/v1/points/pool-invitations/\(id)"
            #expect(try await harness.api(.post, invitation + "/refusal", ["by_id": eve]).status == 200)
            try await refused(invitation + "/acceptance", ["by_id": eve], 409, "invitation_ended")
            #expect(
                try await harness.api(.get, pool + "/invitations").json["items"]?.arrayValue?.map { $0["state"] }
                    == ["refused", "accepted"])
            _ = try await house.move("contributions", house.ann, 100, "in")
            let stranger = try await house.move("redemptions", eve, 1, "x")
            #expect(try stranger.status == 409 && stranger.code == "not_in_pool")
            let bob = "\(pool)/members/\(house.bob.stringValue ?? "")"
            let stopped = try await harness.api(.patch, bob, ["may_spend": false, "by_id": house.ann])
            #expect(try stopped.json["members"]?[1]?["may_spend"] == false)
            let barred = try await house.move("redemptions", house.bob, 1, "y")
            #expect(try barred.status == 409 && barred.code == "may_not_spend")
            try await refused(bob, ["share": 20, "by_id": house.ann], 403, "not_owner", patch: true)
            let shared = try await harness.api(.patch, bob, ["share": 20, "by_id": house.bob])
            #expect(try shared.json["members"]?[1]?["share"] == 20)
            try await refused(bob, ["share": 101], 422, "invalid_body", patch: true)
            let owner = try await harness.api(.patch, bob, ["owner": true, "by_id": house.ann])
            #expect(try owner.json["members"]?.arrayValue?.map { $0["owner"] } == [false, true])
            try await refused(
                "/api/v1/points/pools", ["member_id": house.bob, "name": "Two", "key": "two"], 409, "in_pool")
            try await refused(
                "/api/v1/points/pools", ["member_id": eve, "name": "Two", "key": "home"], 409, "key_reused")
            try await refused(
                "/api/v1/points/redemptions",
                ["member_id": .string(house.pool), "currency": "points", "amount": 1, "key": "z"], 409,
                "pool_account")
            #expect(try await harness.api(.get, "/api/v1/points/pools/7").status == 404)
            #expect(try await harness.api(.get, "/api/v1/members/\(house.pool)").status == 404)
            try await house.verify()
        }
    }

    @Test("the till says what the pool has, pays with it, and gives back to it")
    func till() async throws {
        try await Self.with { house in
            let (harness, pool) = (house.harness, "/api/v1/points/pools/\(house.pool)")
            let (effects, text) = (harness.platform.effects, #"{"enrolment":{"when":"asked"},"rules":[]}"#)
            _ = try await harness.platform.store.write {
                try ProgramVersions.install(title: "First", document: text, by: "system", effects: effects, $0)
            }
            _ = try await house.move("contributions", house.ann, 1_000, "in")
            let cart: JSONValue = [
                "lines": [["id": "1", "sku": "TEA", "quantity": 2, "unit_price": 10_000]], "store": "s",
                "channel": "pos",
            ]
            let points: JSONValue = ["currency": "points", "amount": 400, "pool": true]
            let quote = try await harness.api(
                .post, "/api/v1/till/quotes", ["who": ["user_id": "bob"], "cart": cart, "points": points])
            #expect(try quote.json["pool_spendable"]?[0]?["most"] == 1_000 && quote.json["bill"]?["due"] == 19_600)
            #expect(try quote.json["spendable"]?[0]?["most"] == 0)
            let sale: JSONValue = ["order": "o1", "who": ["user_id": "bob"], "cart": cart, "points": points]
            let made = try await harness.api(.post, "/api/v1/till/orders", sale)
            #expect(try made.status == 201 && made.json["spent"]?["pool"] == true)
            #expect(try await harness.api(.post, "/api/v1/till/orders", sale).status == 200)
            #expect(try await house.available(pool) == 600)
            let back = try await harness.api(
                .post, "/api/v1/till/orders/o1/returns", ["key": "r1", "lines": [["id": "1", "quantity": 1]]])
            #expect(try back.json["given_back"]?["amount"] == 200)
            #expect(try await house.available(pool) == 800)
            let hold = try await harness.api(
                .post, "/api/v1/till/orders",
                [
                    "order": "o2", "who": ["user_id": "bob"], "cart": cart,
                    "points": ["currency": "points", "amount": 1, "pool": true, "hold": "h"],
                ])
            #expect(try hold.status == 422 && hold.code == "pool_hold")
            try await house.verify()
        }
    }

    @Test("a reward is claimed out of the pool, once, and its points go back there when it is cancelled")
    func reward() async throws {
        try await Self.with { house in
            let (harness, pool) = (house.harness, "/api/v1/points/pools/\(house.pool)")
            _ = try await house.move("contributions", house.ann, 500, "in")
            let made = try await harness.api(
                .post, "/api/v1/rewards",
                ["names": ["en": "Cup"], "currency": "points", "points": 300, "tiers": []])
            let reward = try #require(try made.json["id"]?.stringValue)
            var body: [String: JSONValue] = ["member_id": house.bob, "key": "c1"]
            let poor = try await harness.api(.post, "/api/v1/rewards/\(reward)/claims", .object(body))
            #expect(try poor.status == 409 && poor.code == "insufficient")
            body["pool"] = true
            let claimed = try await harness.api(.post, "/api/v1/rewards/\(reward)/claims", .object(body))
            #expect(try claimed.status == 201 && claimed.json["pool_id"] == .string(house.pool))
            #expect(try await harness.api(.post, "/api/v1/rewards/\(reward)/claims", .object(body)).status == 200)
            #expect(try await house.available(pool) == 200)
            let id = try #require(try claimed.json["id"]?.stringValue)
            _ = try await harness.api(.post, "/api/v1/reward-claims/\(id)/steps", ["state": "cancelled"])
            #expect(try await house.available(pool) == 500)
            try await house.verify()
        }
    }
}
