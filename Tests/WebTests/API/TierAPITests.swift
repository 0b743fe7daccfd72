import Engine
import Storage
import Testing

@testable import Web

@Suite("Tiers over the API") struct TierAPITests {
    static let ladder: JSONValue = [
        "tiers": [
            ["code": "member", "names": ["en": "Member"]],
            [
                "code": "silver", "names": ["en": "Silver"],
                "rule": ["indicators": [["kind": "spend", "at_least": 50_000]]],
                "benefits": [
                    ["code": "gift", "kind": "gift", "occasion": "entry", "uses": 1],
                    ["code": "more", "kind": "multiplier", "multiplier": 150],
                ],
            ],
            [
                "code": "gold", "names": ["en": "Gold"],
                "rule": ["indicators": [["kind": "spend", "at_least": 200_000]]],
            ],
        ], "period": ["kind": "rolling", "months": 12],
    ]

    static func order(_ harness: CollectHarness, _ user: String, _ yuan: Int) async throws {
        _ = try await harness.segment(
            "/v1/track",
            """
            {"userId":"\(user)","messageId":"o-\(user)","event":"Order Completed",
             "properties":{"order_id":"o-\(user)","revenue":\(yuan),"currency":"CNY"}}
            """)
        try await harness.process()
    }

    static func member(_ harness: CollectHarness, _ user: String) async throws -> String {
        _ = try await harness.segment("/v1/identify", #"{"userId":"\#(user)","messageId":"m-\#(user)"}"#)
        try await harness.process()
        let id = try await harness.platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0)
        }
        let answer = try await harness.api(
            .post, "/api/v1/members", ["profile_id": .string(String(try #require(id)))])
        return try #require(try answer.json["id"]?.stringValue)
    }

    @Test("a ladder is published; a member rises, is told what is missing, is given a tier, and uses what it brings")
    func life() async throws {
        try await CollectHarness.with { harness in
            #expect(try await harness.api(.get, "/api/v1/tiers/ladder").status == 404)
            let bad = try await harness.api(.put, "/api/v1/tiers/ladder", ["tiers": [["code": "one"]]])
            #expect(try bad.status == 422 && bad.code == "invalid_ladder")
            let made = try await harness.api(.put, "/api/v1/tiers/ladder", Self.ladder)
            #expect(try made.status == 200 && made.json["version"] == 1)
            #expect(try await harness.api(.put, "/api/v1/tiers/ladder", Self.ladder).json["version"] == 1)
            let ann = try await Self.member(harness, "ann")
            try await Self.order(harness, "ann", 600)
            let tier = try await harness.api(.get, "/api/v1/members/\(ann)/tier")
            #expect(try tier.json["tier"] == "silver")
            let lacking = try tier.json["higher"]?[0]?["lacking"]
            #expect(lacking?["missing"]?[0]?["amount"] == 140_000)
            let history = try await harness.api(.get, "/api/v1/members/\(ann)/tier/history")
            #expect(try history.json["items"]?.arrayValue?.map { $0["cause"] } == ["activity", "enrolled"])
            let benefits = try await harness.api(.get, "/api/v1/members/\(ann)/benefits")
            #expect(try benefits.json["multiplier"] == 150)
            #expect(try benefits.json["grants"]?[0]?["benefit"] == "gift")
            let use: JSONValue = ["benefit": "gift", "key": "u1"]
            #expect(try await harness.api(.post, "/api/v1/members/\(ann)/benefit-uses", use).status == 201)
            #expect(try await harness.api(.post, "/api/v1/members/\(ann)/benefit-uses", use).status == 200)
            let over = try await harness.api(
                .post, "/api/v1/members/\(ann)/benefit-uses", ["benefit": "gift", "key": "u2"])
            #expect(try over.status == 409 && over.code == "used_up")
            let grant = try await harness.api(
                .post, "/api/v1/members/\(ann)/tier/grants", ["tier": "gold", "reason": "goodwill"])
            #expect(grant.status == 201)
            #expect(try await harness.api(.get, "/api/v1/members/\(ann)/tier").json["tier"] == "gold")
            let id = try #require(try grant.json["id"]?.stringValue)
            #expect(try await harness.api(.post, "/api/v1/members/\(ann)/tier/grants/\(id)/end").status == 200)
            #expect(try await harness.api(.post, "/api/v1/members/\(ann)/tier/grants/\(id)/end").status == 409)
            #expect(try await harness.api(.get, "/api/v1/members/\(ann)/tier").json["tier"] == "silver")
            #expect(try await harness.api(.get, "/api/v1/members/5/tier").status == 404)
        }
    }

    @Test("rules, pyramid, causes and usage are read; a preview runs as a job")
    func overview() async throws {
        try await CollectHarness.with { harness in
            _ = try await harness.api(.put, "/api/v1/tiers/ladder", Self.ladder)
            _ = try await Self.member(harness, "ann")
            try await Self.order(harness, "ann", 600)
            let rules = try await harness.api(.get, "/api/v1/tiers/rules?language=en")
            #expect(try rules.json["text"]?.stringValue?.contains("net spend of at least ¥500") == true)
            let pyramid = try await harness.api(.get, "/api/v1/tiers/pyramid")
            #expect(try pyramid.json["levels"]?.arrayValue?.map { $0["members"] } == [0, 1, 0])
            #expect(try await harness.api(.get, "/api/v1/tiers/causes").json["total"] == 0)
            #expect(try await harness.api(.get, "/api/v1/tiers/benefits").json["items"]?[0]?["granted"] == 1)
            #expect(try await harness.api(.get, "/api/v1/tiers/ladders").json["items"]?.arrayValue?.count == 1)
            let asked = try await harness.api(.post, "/api/v1/tiers/previews", Self.ladder)
            #expect(asked.status == 202)
            let job = try #require(try asked.json["job_id"]?.stringValue)
            _ = try await JobRunner(
                platform: harness.platform, catalog: JobCatalog([TierPreview.handler])
            ).drain()
            let report = try await harness.api(.get, "/api/v1/tiers/previews/\(job)")
            #expect(try report.json["status"] == "done" && report.json["report"]?["members"] == 1)
            #expect(try await harness.api(.get, "/api/v1/tiers/previews/7").status == 404)
        }
    }
    @Test("where a ladder needs a second user, it is asked for; the policy is set over the API")
    func approval() async throws {
        try await CollectHarness.with { harness in
            let path = "/api/v1/approval-policy"
            let policy = try await harness.api(.get, path)
            #expect(try policy.json["covers_ladders"] == false && policy.json["allows_alone"] == false)
            let seen = try #require(policy.headers[.eTag])
            let wanted: JSONValue = ["covers_ladders": true, "allows_alone": false]
            let narrow = try await harness.key(for: [.loyaltyWrite])
            #expect(try await harness.api(.put, path, wanted, secret: narrow).status == 403)
            let set = try await harness.api(.put, path, wanted, headers: [.ifMatch: seen])
            #expect(try set.status == 200 && set.json["covers_ladders"] == true)
            #expect(try await harness.api(.put, path, wanted, headers: [.ifMatch: seen]).status == 412)
            #expect(try await harness.api(.get, path).json["covers_ladders"] == true)
            // The first takes nothing's place.
            #expect(try await harness.api(.put, "/api/v1/tiers/ladder", Self.ladder).status == 200)
            var other = Self.ladder.objectValue ?? [:]
            other["period"] = ["kind": "rolling", "months": 6]
            let refused = try await harness.api(.put, "/api/v1/tiers/ladder", .object(other))
            #expect(try refused.status == 409 && refused.code == "needs_approval")
            let asked = try await harness.api(.post, "/api/v1/tiers/ladder-requests", .object(other))
            #expect(try asked.status == 201 && asked.json["state"] == "asked" && asked.json["kind"] == "tier_ladder")
            let again = try await harness.api(.post, "/api/v1/tiers/ladder-requests", .object(other))
            #expect(try again.json["id"] == asked.json["id"])
            let bad = try await harness.api(.post, "/api/v1/tiers/ladder-requests", ["tiers": [["code": "one"]]])
            #expect(try bad.status == 422 && bad.code == "invalid_ladder")
            #expect(try await harness.api(.get, "/api/v1/approvals?state=asked").json["items"]?.arrayValue?.count == 1)
            #expect(try await harness.api(.get, "/api/v1/tiers/ladder").json["version"] == 1)
            let id = Int64(try asked.json["id"]?.stringValue ?? "") ?? 0
            let effects = harness.platform.effects
            _ = try await harness.platform.store.write {
                try Approvals.approve(id, note: "", by: "user:2", effects, $0)
            }
            #expect(try await harness.api(.get, "/api/v1/tiers/ladder").json["version"] == 2)
        }
    }
}
