import Engine
import HTTPTypes
import Storage
import TestSupport
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
            // Whoever is put on the list is counted at once.
            _ = try await harness.segment("/v1/identify", #"{"userId":"ann","messageId":"m-ann"}"#)
            try await harness.process()
            let person = try await harness.platform.store.read {
                try $0.first("SELECT profile_id FROM identities WHERE value = 'ann'")?.int(0)
            }
            let ann = String(try #require(person))
            let put = try await harness.api(
                .post, "/api/v1/segments/\(id)/members", ["profile_ids": [.string(ann)]])
            #expect(try put.json["changed"] == 1)
            #expect(try await harness.api(.get, "/api/v1/segments/\(id)").json["size"] == 1)
            #expect(try await harness.api(.delete, "/api/v1/segments/\(id)/members/\(ann)").status == 200)
            #expect(try await harness.api(.get, "/api/v1/segments/\(id)").json["size"] == 0)
            let taken = try await harness.api(.post, "/api/v1/segments", ["name": "List", "kind": "static"])
            #expect(try taken.status == 409 && taken.code == "name_taken")
            let outerID = try #require(try outer.json["id"]?.stringValue)
            #expect(try await harness.api(.delete, "/api/v1/segments/\(outerID)").status == 200)
            #expect(try await harness.api(.delete, "/api/v1/segments/\(id)").status == 200)
            #expect(try await harness.api(.get, "/api/v1/segments").json["items"]?.arrayValue?.isEmpty == true)
            #expect(try await harness.api(.get, "/api/v1/segments/\(id)").status == 404)
        }
    }

    @Test("what is huge, deep or contradictory is told where it is, and nothing is saved")
    func badInput() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await CollectHarness.with(analytics: analytics) { harness in
                func reply(_ node: JSONValue) async throws -> CollectHarness.Reply {
                    try await harness.api(.post, "/api/v1/segments", ["name": "Bad", "criteria": ["where": node]])
                }
                var deep: JSONValue = ["kind": "all", "of": []]
                for _ in 0..<12 { deep = ["kind": "not", "of": deep] }
                let leaf: JSONValue = ["kind": "stage", "values": ["growth"]]
                let wide: JSONValue = ["kind": "any", "of": .array(Array(repeating: leaf, count: 51))]
                let long: JSONValue = [
                    "kind": "trait", "name": .string(String(repeating: "x", count: 201)), "is": "set",
                ]
                let many: JSONValue = [
                    "kind": "source", "ids": .array((1...101).map { .string(String($0)) }),
                ]
                let huge: JSONValue = [
                    "kind": "all",
                    "of": .array(
                        (0..<50).map { _ in
                            [
                                "kind": "trait", "name": "a", "is": "equals",
                                "values": .array((0..<100).map { _ in .string(String(repeating: "y", count: 200)) }),
                            ]
                        }),
                ]
                for (node, place) in [
                    (deep, "criteria.where.of.of.of.of.of.of.of.of"), (wide, "criteria.where.of"),
                    (long, "criteria.where.name"), (many, "criteria.where.ids"), (huge, "criteria"),
                    (["kind": "segment", "id": "404"], "criteria.where.id"),
                    (["kind": "tag", "ids": ["404"]], "criteria.where.ids"),
                    (["kind": "score", "model": "404", "is": "at_least", "value": 1], "criteria.where.model"),
                    (["kind": "trait", "name": "x", "is": "between", "value": 9, "upper": 1], "criteria.where.upper"),
                ] as [(JSONValue, String)] {
                    let refused = try await reply(node)
                    #expect(refused.status == 422, "\(place)")
                    let places = (try refused.json["errors"]?.arrayValue ?? []).compactMap { $0["place"]?.stringValue }
                    #expect(places.contains { $0 == place }, "\(place): \(places)")
                }
                let cut = try await harness.api(
                    .post, "/api/v1/segments",
                    ["name": "Cut", "kind": "snapshot", "criteria": ["where": leaf], "parts": 2, "part": 2])
                #expect(try cut.status == 422 && cut.code == "bad_cut")
                // Brackets until a parser would fall over.
                for (bytes, status) in [(200_000, 400), (3_000_000, 400)] {
                    let text = #"{"name":"x","criteria":{"where":"# + String(repeating: "[", count: bytes)
                    var headers: HTTPFields = [.contentType: "application/json"]
                    headers[.authorization] = "Bearer \(harness.secret)"
                    let answer = try await harness.send(.post, "/api/v1/segments", headers, bytes: Array(text.utf8))
                    #expect(answer.status == status, "\(bytes): \(answer.status)")
                }
                #expect(try await harness.api(.get, "/api/v1/segments").json["items"]?.arrayValue?.isEmpty == true)
                // What contradicts itself is warned of, counted, and may be saved.
                let odd: JSONValue = [
                    "kind": "all",
                    "of": [
                        ["kind": "order_figure", "figure": "spend", "is": "more_than", "value": 10],
                        ["kind": "order_figure", "figure": "spend", "is": "less_than", "value": 5],
                    ],
                ]
                let preview = try await harness.api(.post, "/api/v1/segments/preview", ["criteria": ["where": odd]])
                #expect(try preview.status == 200 && preview.json["people"] == 0)
                let warning = try preview.json["warnings"]?[0]
                #expect(warning?["place"] == "criteria.where.of[1]" && warning?["code"] == "contradicts")
                #expect(try await reply(odd).status == 201)
            }
        }
    }

    @Test("the file of a segment needs the scope that every export of people needs")
    func scopes() async throws {
        try await CollectHarness.with { harness in
            let list = try await harness.api(.post, "/api/v1/segments", ["name": "List", "kind": "static"])
            let path = "/api/v1/segments/\(try list.json["id"]?.stringValue ?? "")/file"
            let exports: JSONValue = ["list": "people"]
            for (scopes, status) in [
                (Set<APIScope>([.segmentsRead, .segmentsWrite, .insightsRead]), 403), ([.profilesRead], 200),
            ] {
                let secret = try await harness.key(for: scopes)
                #expect(try await harness.api(.get, path, secret: secret).status == status)
                #expect(try await harness.api(.get, path + "?form=hashed", secret: secret).status == status)
                let asked = try await harness.api(.post, "/api/v1/exports", exports, secret: secret)
                #expect(asked.status == (status == 200 ? 202 : 403))
            }
        }
    }
}
