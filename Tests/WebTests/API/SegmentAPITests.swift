import Engine
import Storage
import Testing

@testable import Web

@Suite("Segments over the API") struct SegmentAPITests {
    @Test("a list is made, filled, used and guarded; a bad definition is told node by node")
    func life() async throws {
        try await CollectHarness.with { harness in
            let bad = try await harness.api(
                .post, "/api/v1/segments",
                ["name": "Bad", "criteria": ["where": ["kind": "trait", "name": "nope", "is": "at_least"]]])
            #expect(bad.status == 422)
            #expect(try bad.json["errors"]?[0]?["place"] == "criteria.where.value")
            let list = try await harness.api(.post, "/api/v1/segments", ["name": "List", "kind": "static"])
            #expect(list.status == 201)
            let id = try #require(try list.json["id"]?.stringValue)
            let outer = try await harness.api(
                .post, "/api/v1/segments",
                ["name": "Outer", "criteria": ["where": ["kind": "segment", "id": .string(id)]]])
            #expect(outer.status == 201)
            #expect(try outer.json["building"] == true)
            let guarded = try await harness.api(.delete, "/api/v1/segments/\(id)")
            #expect(try guarded.status == 409 && guarded.code == "segment_in_use")
            #expect(try await harness.api(.get, "/api/v1/segments/\(id)/uses").json["items"]?[0]?["name"] == "Outer")
            let nobody = try await harness.api(
                .post, "/api/v1/segments/\(id)/members", ["profile_ids": ["12345"]])
            #expect(try nobody.json["changed"] == 0)
            let taken = try await harness.api(.post, "/api/v1/segments", ["name": "List", "kind": "static"])
            #expect(try taken.status == 409 && taken.code == "name_taken")
            let outerID = try #require(try outer.json["id"]?.stringValue)
            #expect(try await harness.api(.delete, "/api/v1/segments/\(outerID)").status == 200)
            #expect(try await harness.api(.delete, "/api/v1/segments/\(id)").status == 200)
            #expect(try await harness.api(.get, "/api/v1/segments").json["items"]?.arrayValue?.isEmpty == true)
            #expect(try await harness.api(.get, "/api/v1/segments/\(id)").status == 404)
        }
    }
}
