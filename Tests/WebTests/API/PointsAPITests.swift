import Engine
import Storage
import Testing

@testable import Web

@Suite("Points over the API") struct PointsAPITests {
    static func member(_ harness: CollectHarness, _ user: String) async throws -> String {
        _ = try await harness.segment("/v1/identify", #"{"userId":"\#(user)","messageId":"m-\#(user)"}"#)
        try await harness.process()
        let id = try await harness.platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0)
        }
        let answer = try await harness.api(
            .post, "/api/v1/members", ["profile_id": .string(String(try #require(id)))])
        #expect(answer.status == 201)
        return try #require(try answer.json["id"]?.stringValue)
    }

    @Test("a currency is made; a member earns, reserves, spends, gives back and gives away; what is wrong is told")
    func life() async throws {
        try await CollectHarness.with { harness in
            let made = try await harness.api(
                .post, "/api/v1/points/currencies",
                ["code": "points", "names": ["en": "Points"], "transfer": ["daily_max": 1_000]])
            #expect(made.status == 201)
            #expect(try await harness.api(.post, "/api/v1/points/currencies", ["code": "points"]).status == 409)
            let bad = try await harness.api(
                .post, "/api/v1/points/currencies", ["code": "x", "expiry": ["kind": "rolling"]])
            #expect(try bad.status == 422 && bad.code == "invalid_currency")
            let ann = try await Self.member(harness, "ann")
            let bob = try await Self.member(harness, "bob")
            let award: JSONValue = ["member_id": .string(ann), "currency": "points", "amount": 100, "key": "o1"]
            let first = try await harness.api(.post, "/api/v1/points/awards", award)
            #expect(try first.status == 201 && first.json["repeated"] == false)
            let again = try await harness.api(.post, "/api/v1/points/awards", award)
            #expect(try again.status == 200 && again.json["transactions"] == first.json["transactions"])
            let over = try await harness.api(
                .post, "/api/v1/points/redemptions",
                ["member_id": .string(ann), "currency": "points", "amount": 101, "key": "r1"])
            #expect(try over.status == 409 && over.code == "insufficient")
            #expect(
                try await harness.api(
                    .post, "/api/v1/points/redemptions",
                    ["member_id": .string(ann), "currency": "points", "amount": 40, "key": "r1"]
                ).status == 201)
            #expect(
                try await harness.api(
                    .post, "/api/v1/points/redemption-returns", ["redemption": "r1", "amount": 15, "key": "b1"]
                ).status == 201)
            #expect(
                try await harness.api(
                    .post, "/api/v1/points/transfers",
                    [
                        "from_id": .string(ann), "to_id": .string(bob), "currency": "points", "amount": 5, "key": "t1",
                    ]
                ).json["transactions"]?.arrayValue?.count == 2)
            #expect(
                try await harness.api(
                    .post, "/api/v1/points/award-reversals", ["award": "no", "amount": 1, "key": "x"]
                )
                .status == 404)
            let shown = try await harness.api(.get, "/api/v1/members/\(ann)")
            #expect(try shown.json["balances"]?["points"]?["available"] == 70)
            let lots = try await harness.api(.get, "/api/v1/members/\(ann)/lots")
            #expect(try lots.json["items"]?[0]?["remaining"] == 70)
            let page = try await harness.api(.get, "/api/v1/members/\(ann)/transactions?limit=2")
            #expect(try page.json["items"]?.arrayValue?.map { $0["kind"] } == ["transfer_out", "return"])
            #expect(try page.json["next_cursor"]?.stringValue != nil)
            let statement = try await harness.api(.get, "/api/v1/members/\(ann)/statement")
            #expect(try statement.json["transactions"]?.arrayValue?.count == 4)
            #expect(try await PointsVerification.run(harness.platform).flaws == [])
            #expect(try await harness.api(.delete, "/api/v1/points/currencies/points").status == 409)
            #expect(try await harness.api(.get, "/api/v1/members/5").status == 404)
        }
    }

    @Test("points that wait for an event are released by it, once")
    func waits() async throws {
        try await CollectHarness.with { harness in
            _ = try await harness.api(.post, "/api/v1/points/currencies", ["code": "points"])
            let ann = try await Self.member(harness, "ann")
            _ = try await harness.api(
                .post, "/api/v1/points/awards",
                [
                    "member_id": .string(ann), "currency": "points", "amount": 100, "key": "o1",
                    "waits_for": "delivery:o1",
                ])
            let released = try await harness.api(.post, "/api/v1/points/releases", ["waits_for": "delivery:o1"])
            #expect(try released.json["transactions"]?.arrayValue?.count == 1)
            let again = try await harness.api(.post, "/api/v1/points/releases", ["waits_for": "delivery:o1"])
            #expect(try again.json["transactions"]?.arrayValue == [])
        }
    }
}
