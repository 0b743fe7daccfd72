import Engine
import Storage
import Testing

@testable import Web

@Suite("Experiments over the API") struct ExperimentAPITests {
    private static let draft: JSONValue = [
        "name": "Free shipping", "variants": [["key": "control"], ["key": "free", "weight": 1]],
        "primary": ["kind": "converted", "event": "Order Completed"],
        "guardrails": [["kind": "revenue", "window_days": 30]],
    ]

    @Test("an experiment is drafted, started, met, stopped, decided; what is wrong says so")
    func life() async throws {
        try await CollectHarness.with { harness in
            _ = try await harness.segment("/v1/identify", #"{"userId":"ann","messageId":"m-ann"}"#)
            try await harness.process()
            let ann = try await harness.platform.store.read {
                try $0.first("SELECT profile_id FROM identities WHERE value = 'ann'")?.int(0) ?? 0
            }
            let wrong = try await harness.api(
                .post, "/api/v1/experiments",
                ["name": "x", "variants": [["key": "a"], ["key": "b"]], "primary": ["kind": "converted"]])
            #expect(try wrong.status == 422 && wrong.code == "invalid_experiment")
            let made = try await harness.api(.post, "/api/v1/experiments", Self.draft)
            #expect(try made.status == 201 && made.json["state"] == "draft")
            let path = "/api/v1/experiments/\(try made.json["id"]?.stringValue ?? "")"
            let people: JSONValue = ["profile_ids": [.string(String(ann)), "99"]]
            let early = try await harness.api(.post, path + "/assignments", people)
            #expect(try early.status == 409 && early.code == "not_running")
            #expect(try await harness.api(.post, path + "/steps", ["state": "running"]).json["state"] == "running")
            let met = try await harness.api(.post, path + "/assignments", people)
            #expect(
                try met.json["items"]?[0]?["outcome"] == "exposed" && met.json["items"]?[1]?["outcome"] == "unknown")
            let again = try await harness.api(.post, path + "/assignments", people)
            #expect(try again.json["items"]?[0]?["outcome"] == "repeated")
            #expect(try again.json["items"]?[0]?["variant"] == met.json["items"]?[0]?["variant"])
            let own = try await harness.api(.get, "/api/v1/profiles/\(ann)/experiments")
            #expect(try own.json["held_out"] == false && own.json["items"]?.arrayValue?.count == 1)
            #expect(try await harness.api(.delete, path).status == 409)
            let unreasoned = try await harness.api(.post, path + "/steps", ["state": "stopped"])
            #expect(try unreasoned.status == 422 && unreasoned.code == "reason_missing")
            let stopped = try await harness.api(.post, path + "/steps", ["state": "stopped", "reason": "done"])
            #expect(stopped.status == 200)
            let decided = try await harness.api(
                .post, path + "/steps", ["state": "decided", "reason": "it won", "variant": "free"])
            #expect(try decided.json["decision"]?["variant"] == "free")
            #expect(try await harness.api(.get, "/api/v1/experiments").json["items"]?.arrayValue?.count == 1)
        }
    }

    @Test("the holdout is set within bounds; a plan is reckoned")
    func holdout() async throws {
        try await CollectHarness.with { harness in
            #expect(try await harness.api(.get, "/api/v1/holdout").json["share"] == 0)
            #expect(try await harness.api(.put, "/api/v1/holdout", ["share": 300]).json["share"] == 300)
            #expect(try await harness.api(.put, "/api/v1/holdout", ["share": 6_000]).status >= 400)
            let plan = try await harness.api(.post, "/api/v1/sample-sizes", ["baseline": 0.05, "lift": 0.1])
            #expect(try plan.json["people_each"] == 31_234)
            #expect(try await harness.api(.post, "/api/v1/sample-sizes", ["baseline": 2, "lift": 0.1]).status == 422)
        }
    }
}
