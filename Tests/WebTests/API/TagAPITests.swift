import Engine
import Storage
import Testing

@testable import Web

@Suite("Tags over the API") struct TagAPITests {
    @Test("a tree is made, moved, given, merged and guarded; what is wrong is told")
    func life() async throws {
        try await CollectHarness.with { harness in
            let group = try await harness.api(
                .post, "/api/v1/tags", ["name": "Taste", "exclusive": true, "colour": "teal"])
            #expect(group.status == 201)
            let parent = try #require(try group.json["id"]?.stringValue)
            let tea = try await harness.api(.post, "/api/v1/tags", ["name": "Tea", "parent_id": .string(parent)])
            #expect(try tea.json["path"] == "Taste/Tea")
            let id = try #require(try tea.json["id"]?.stringValue)
            let taken = try await harness.api(.post, "/api/v1/tags", ["name": "Tea", "parent_id": .string(parent)])
            #expect(try taken.status == 409 && taken.code == "name_taken")
            let bad = try await harness.api(
                .post, "/api/v1/tags",
                ["name": "Bad", "kind": "rule", "criteria": ["where": ["kind": "tag", "ids": ["1"]]]])
            #expect(try bad.status == 422 && bad.json["errors"]?[0]?["place"] == "criteria.where.ids")
            let mixed = try await harness.api(
                .post, "/api/v1/tags",
                [
                    "name": "Rule", "kind": "rule", "parent_id": .string(parent),
                    "criteria": ["where": ["kind": "all", "of": []]],
                ])
            #expect(try mixed.status == 409 && mixed.code == "mixed_group")
            let renamed = try await harness.api(
                .put, "/api/v1/tags/\(id)", ["name": "Green tea", "parent_id": .string(parent), "colour": "green"])
            #expect(try renamed.json["name"] == "Green tea" && renamed.json["rank"] == 1)
            let nobody = try await harness.api(.post, "/api/v1/tags/\(id)/holders", ["profile_ids": ["12345"]])
            #expect(try nobody.json["changed"] == 0)
            let used = try await harness.api(
                .post, "/api/v1/segments",
                ["name": "Drinkers", "criteria": ["where": ["kind": "tag", "ids": [.string(id)]]]])
            #expect(used.status == 201)
            let guarded = try await harness.api(.delete, "/api/v1/tags/\(id)")
            #expect(try guarded.status == 409 && guarded.code == "tag_in_use")
            #expect(try await harness.api(.get, "/api/v1/tags/\(id)/uses").json["items"]?[0]?["name"] == "Drinkers")
            let other = try await harness.api(.post, "/api/v1/tags", ["name": "Leaf"])
            let otherID = try #require(try other.json["id"]?.stringValue)
            #expect(
                try await harness.api(.post, "/api/v1/tags/\(id)/merge", ["into": .string(otherID)]).status == 200)
            #expect(try await harness.api(.get, "/api/v1/tags/\(id)").status == 404)
            #expect(try await harness.api(.get, "/api/v1/tags").json["items"]?.arrayValue?.count == 2)
            #expect(try await harness.api(.get, "/api/v1/profiles/5/tags").status == 404)
        }
    }
}
