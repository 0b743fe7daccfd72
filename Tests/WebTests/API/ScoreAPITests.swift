import Engine
import Storage
import Testing

@testable import Web

@Suite("Scores over the API") struct ScoreAPITests {
    @Test("a model is made, changed, asked for and guarded; what is wrong is told with its place")
    func life() async throws {
        try await CollectHarness.with { harness in
            let bad = try await harness.api(
                .post, "/api/v1/scores", ["name": "Bad", "definition": ["rules": [["id": "a", "kind": "luck"]]]])
            #expect(bad.status == 422)
            #expect(try bad.code == "invalid_definition")
            let made = try await harness.api(
                .post, "/api/v1/scores",
                [
                    "name": "Heat",
                    "definition": ["half_life_days": 30, "rules": [["id": "o", "kind": "order", "points": 30]]],
                ])
            #expect(made.status == 201)
            let id = try #require(try made.json["id"]?.stringValue)
            #expect(try made.json["building"] == true)
            let spread = try await harness.api(.get, "/api/v1/scores/\(id)/distribution")
            #expect(try spread.json["grades"]?.arrayValue?.count == 4)
            #expect(try await harness.api(.get, "/api/v1/scores/\(id)/people?grade=A").status == 200)
            let effect = try await harness.api(.get, "/api/v1/scores/\(id)/effect")
            #expect(try effect.json["auc"] == .null)
            let used = try await harness.api(
                .post, "/api/v1/segments",
                [
                    "name": "Hot",
                    "criteria": ["where": ["kind": "score", "model": .string(id), "is": "at_least", "value": 5]],
                ])
            #expect(used.status == 201)
            let guarded = try await harness.api(.delete, "/api/v1/scores/\(id)")
            #expect(try guarded.status == 409 && guarded.code == "score_in_use")
            let segment = try #require(try used.json["id"]?.stringValue)
            #expect(try await harness.api(.delete, "/api/v1/segments/\(segment)").status == 200)
            #expect(try await harness.api(.delete, "/api/v1/scores/\(id)").status == 200)
            #expect(try await harness.api(.get, "/api/v1/scores/\(id)").status == 404)
            #expect(try await harness.api(.get, "/api/v1/profiles/5/scores").status == 404)
        }
    }
}
