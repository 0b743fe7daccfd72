import Engine
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

/// `ETag` and `If-Match`: programs that change a definition somebody else changed meanwhile are told.
@Suite("Revisions of definitions") struct RevisionTests {
    private func tag(_ answer: CollectHarness.Reply) throws -> String { try #require(answer.headers[.eTag]) }

    @Test("a change made against another revision is refused with the one that holds", arguments: StoreKind.allCases)
    func declarations(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            for path in [
                "/api/v1/catalogue/events/Tea%20Poured", "/api/v1/catalogue/traits/favourite_tea",
                "/api/v1/catalogue/events/Tea%20Poured/properties/colour",
            ] {
                let absent = try await harness.api(
                    .put, path, ["description": "A"], headers: [.ifMatch: "\"0123456789abcdef\""])
                #expect(try absent.status == 412 && absent.code == "changed", "\(path)")
                let first = try tag(try await harness.api(.put, path, ["description": "A"]))
                #expect(
                    try await harness.api(.put, path, ["description": "B"], headers: [.ifMatch: first]).status == 200)
                let late = try await harness.api(.put, path, ["description": "C"], headers: [.ifMatch: first])
                #expect(late.status == 412 && late.headers[.contentType] == "application/problem+json", "\(path)")
                // What holds is told, and is what lists say.
                let now = try tag(late)
                let list = path.replacing(/\/[^\/]+$/, with: "")
                let items = try await harness.api(.get, list).json["items"]?.arrayValue ?? []
                #expect(items.contains { $0["revision"]?.stringValue.map { "\"\($0)\"" } == now }, "\(path)")
                #expect(
                    try await harness.api(.put, path, ["description": "C"], headers: [.ifMatch: "\"x\", \(now)"]).status
                        == 200)
                // Whoever names none, or any, overwrites as before.
                #expect(try await harness.api(.put, path, ["description": "D"]).status == 200)
                #expect(try await harness.api(.put, path, ["description": "E"], headers: [.ifMatch: "*"]).status == 200)
            }
        }
    }

    @Test("sources, segments and the traffic policy have revisions, and the console's is the same")
    func others() async throws {
        try await CollectHarness.with { harness in
            let source = try #require(
                try await harness.api(.get, "/api/v1/sources").json["items"]?[0]?["id"]?.stringValue)
            try await hold(harness, "/api/v1/sources/\(source)", .patch, ["name": "Till"], ["name": "Web"])
            let made = try await harness.api(.post, "/api/v1/segments", draft("growth"))
            let segment = try #require(try made.json["id"]?.stringValue)
            try await hold(harness, "/api/v1/segments/\(segment)", .put, draft("decline"), draft("churn"))
            try await hold(harness, "/api/v1/traffic/policy", .put, ["machines": "keep"], ["machines": "apart"])
            let id = try #require(Int64(segment))
            let stored = try await harness.platform.store.read { try Segments.get(id, $0).revision }
            let shown = try await harness.api(.get, "/api/v1/segments/\(segment)")
            #expect(try tag(shown) == "\"\(stored.text)\"")
            let stale = try await harness.api(.delete, "/api/v1/segments/\(segment)", nil, headers: [.ifMatch: "\"0\""])
            #expect(stale.status == 412)
            #expect(
                try await harness.api(.delete, "/api/v1/segments/\(segment)", nil, headers: [.ifMatch: tag(shown)])
                    .status == 200)
        }
    }

    private func draft(_ stage: String) -> JSONValue {
        ["name": "Regulars", "criteria": ["where": ["kind": "stage", "values": [.string(stage)]]]]
    }

    private func hold(
        _ harness: CollectHarness, _ path: String, _ method: HTTPRequest.Method, _ one: JSONValue, _ two: JSONValue
    ) async throws {
        let seen = try tag(try await harness.api(.get, path))
        let changed = try await harness.api(method, path, one, headers: [.ifMatch: seen])
        #expect(changed.status == 200, "\(path)")
        #expect(try tag(changed) != seen, "\(path)")
        #expect(try await harness.api(method, path, two, headers: [.ifMatch: seen]).status == 412, "\(path)")
        #expect(try await harness.api(method, path, two, headers: [.ifMatch: tag(changed)]).status == 200, "\(path)")
    }

    @Test("the document says which changes obey If-Match")
    func document() throws {
        let document = try JSONValue(parsing: OpenAPIDocument.text(APICatalog.routes))
        let put = document["paths"]?["/api/v1/segments/{id}"]?["put"]
        #expect(put?["parameters"]?.arrayValue?.contains { $0["name"] == "If-Match" } == true)
        #expect(put?["responses"]?["412"] != nil && put?["responses"]?["200"]?["headers"]?["ETag"] != nil)
        let get = document["paths"]?["/api/v1/segments/{id}"]?["get"]
        #expect(get?["responses"]?["200"]?["headers"]?["ETag"] != nil && get?["responses"]?["412"] == nil)
    }
}
