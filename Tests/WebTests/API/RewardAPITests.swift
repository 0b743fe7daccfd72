import Engine
import Storage
import Testing

@testable import Web

@Suite("Rewards and approvals over the API") struct RewardAPITests {
    @Test("a reward is offered, claimed once, stepped on, cancelled; what is refused says why")
    func rewards() async throws {
        try await CollectHarness.with { harness in
            _ = try await harness.api(.post, "/api/v1/points/currencies", ["code": "points"])
            let ann = try await PointsAPITests.member(harness, "ann")
            let made = try await harness.api(
                .post, "/api/v1/rewards",
                ["names": ["en": "Cup"], "currency": "points", "points": 30, "stock": 1, "tiers": []])
            #expect(made.status == 201)
            let id = try made.json["id"]?.stringValue ?? ""
            #expect(
                try await harness.api(
                    .post, "/api/v1/rewards", ["names": ["en": "Cup"], "currency": "gold", "points": 30]
                ).code == "unknown_currency")
            let offers = try await harness.api(.get, "/api/v1/members/\(ann)/rewards")
            #expect(try offers.json["items"]?[0]?["reasons"] == ["insufficient"])
            _ = try await harness.api(
                .post, "/api/v1/points/awards",
                ["member_id": .string(ann), "currency": "points", "amount": 100, "key": "o1"])
            let body: JSONValue = ["member_id": .string(ann), "key": "c1", "delivery": ["name": "Ann"]]
            let claimed = try await harness.api(.post, "/api/v1/rewards/\(id)/claims", body)
            #expect(try claimed.status == 201 && claimed.json["state"] == "requested")
            #expect(try await harness.api(.post, "/api/v1/rewards/\(id)/claims", body).status == 200)
            let over = try await harness.api(
                .post, "/api/v1/rewards/\(id)/claims", ["member_id": .string(ann), "key": "c2"])
            #expect(try over.status == 409 && over.code == "out_of_stock")
            let claim = try claimed.json["id"]?.stringValue ?? ""
            let wrong = try await harness.api(.post, "/api/v1/reward-claims/\(claim)/steps", ["state": "done"])
            #expect(try wrong.status == 409 && wrong.code == "bad_step")
            let stepped = try await harness.api(.post, "/api/v1/reward-claims/\(claim)/steps", ["state": "cancelled"])
            #expect(try stepped.status == 201 && stepped.json["steps"]?.arrayValue?.count == 2)
            let shown = try await harness.api(.get, "/api/v1/members/\(ann)")
            #expect(try shown.json["balances"]?["points"]?["available"] == 100)
            let list = try await harness.api(.get, "/api/v1/reward-claims?state=cancelled&member_id=\(ann)")
            #expect(try list.json["items"]?.arrayValue?.count == 1)
            let more = try await harness.api(.post, "/api/v1/rewards/\(id)/stock-changes", ["amount": 4])
            #expect(try more.json["stock"] == 5)
            #expect(try await harness.api(.delete, "/api/v1/rewards/\(id)").status == 409)
        }
    }

    @Test("what needs a second person is asked for, listed and taken back")
    func approvals() async throws {
        try await CollectHarness.with { harness in
            _ = try await harness.api(
                .post, "/api/v1/points/currencies", ["code": "points", "approval_above": 50])
            let ann = try await PointsAPITests.member(harness, "ann")
            var body: [String: JSONValue] = [
                "member_id": .string(ann), "currency": "points", "amount": 60, "reason": "late", "key": "a1",
            ]
            let refused = try await harness.api(.post, "/api/v1/points/adjustments", .object(body))
            #expect(try refused.status == 409 && refused.code == "needs_approval")
            let asked = try await harness.api(.post, "/api/v1/points/adjustment-requests", .object(body))
            #expect(try asked.status == 201 && asked.json["request"]?["amount"] == 60)
            body["amount"] = 61
            let other = try await harness.api(.post, "/api/v1/points/adjustment-requests", .object(body))
            #expect(try other.status == 409 && other.code == "key_reused")
            let id = try asked.json["id"]?.stringValue ?? ""
            #expect(try await harness.api(.get, "/api/v1/approvals?state=asked").json["items"]?.arrayValue?.count == 1)
            let back = try await harness.api(.post, "/api/v1/approvals/\(id)/withdrawal")
            #expect(try back.json["state"] == "withdrawn")
            let again = try await harness.api(.post, "/api/v1/approvals/\(id)/withdrawal")
            #expect(try again.status == 409 && again.code == "decided")
        }
    }
}
