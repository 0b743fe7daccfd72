import Engine
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("API frame") struct APIFrameTests {
    @Test("no key, a wrong key and a key without the scope are told apart")
    func access() async throws {
        try await CollectHarness.with { harness in
            let none = try await harness.send(.get, "/api/v1/sources")
            #expect(try none.status == 401 && none.code == "unauthorized")
            #expect(none.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
            let wrong = try await harness.send(.get, "/api/v1/sources", [.authorization: "Bearer pk_wrong"])
            #expect(wrong.status == 401)
            let made = try await harness.api(
                .post, "/api/v1/api-keys", ["name": "reader", "scopes": ["profiles:read"]])
            let secret = try #require(try made.json["secret"]?.stringValue)
            let denied = try await harness.send(.get, "/api/v1/sources", [.authorization: "Bearer \(secret)"])
            #expect(try denied.status == 403 && denied.code == "missing_scope")
            let id = try #require(try made.json["id"]?.stringValue)
            #expect(try await harness.api(.delete, "/api/v1/api-keys/\(id)").status == 200)
            let gone = try await harness.send(.get, "/api/v1/profiles", [.authorization: "Bearer \(secret)"])
            #expect(gone.status == 401)
        }
    }

    @Test("every endpoint refuses whoever lacks its scope, before anything else")
    func everyRouteWithoutItsScope() async throws {
        try await CollectHarness.with { harness in
            for scope in APIScope.allCases {
                let others = APIScope.allCases.filter { $0 != scope }.map { JSONValue.string($0.rawValue) }
                let made = try await harness.api(
                    .post, "/api/v1/api-keys", ["name": "all but one", "scopes": .array(others)])
                let secret = try #require(try made.json["secret"]?.stringValue)
                for route in APICatalog.routes {
                    guard case .scope(let needed) = route.access, needed == scope else { continue }
                    let path = route.path.replacing(/\{[a-z_]+\}/, with: "1")
                    let stranger = try await harness.send(route.method, path)
                    #expect(stranger.status == 401, "\(route.method) \(path)")
                    let denied = try await harness.send(route.method, path, [.authorization: "Bearer \(secret)"])
                    #expect(try denied.status == 403 && denied.code == "missing_scope", "\(route.method) \(path)")
                }
            }
        }
    }

    @Test("what is wrong with a request is told in a problem document")
    func problems() async throws {
        try await CollectHarness.with { harness in
            let malformed = try await harness.send(
                .post, "/api/v1/sources",
                [.authorization: "Bearer \(harness.secret)", .contentType: "application/json"], bytes: Array("{".utf8))
            #expect(try malformed.status == 400 && malformed.code == "malformed_json")
            #expect(malformed.headers[.contentType] == "application/problem+json")
            let shape = try await harness.api(.post, "/api/v1/sources", ["name": "", "kind": "moon", "extra": 1])
            #expect(shape.status == 422)
            #expect(try shape.json["errors"]?.arrayValue?.count == 3)
            #expect(try shape.json["errors"]?[0]?["place"] == "body.name")
            let parameter = try await harness.api(.get, "/api/v1/profiles?limit=0&is_identified=maybe")
            #expect(try parameter.status == 400 && parameter.json["errors"]?.arrayValue?.count == 2)
            #expect(try await harness.api(.get, "/api/v1/profiles/abc").status == 400)
            #expect(try await harness.api(.get, "/api/v1/profiles/999").status == 404)
            #expect(try await harness.api(.get, "/api/v1/profiles?cursor=rubbish").status == 400)
            let unknown = try await harness.api(.get, "/api/v1/nothing/here")
            #expect(try unknown.status == 404 && unknown.code == "not_found")
            let method = try await harness.api(.put, "/api/v1/sources", [:])
            #expect(method.status == 405 && method.headers[.allow] == "GET, POST")
            let big = [UInt8](repeating: 0x20, count: EventLimits.requestBytes + 1)
            let large = try await harness.send(
                .post, "/api/v1/sources",
                [.authorization: "Bearer \(harness.secret)", .contentType: "application/json"], bytes: big)
            #expect(large.status == 413)
        }
    }

    @Test("a repeated write under the same key happens once", arguments: StoreKind.allCases)
    func idempotency(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let headers: HTTPFields = [APIHeader.idempotencyKey: "k1"]
            let body: JSONValue = ["name": "Till", "kind": "pos"]
            let first = try await harness.api(.post, "/api/v1/sources", body, headers: headers)
            let second = try await harness.api(.post, "/api/v1/sources", body, headers: headers)
            #expect(first.status == 201 && second.status == 201)
            #expect(first.text == second.text)
            #expect(second.headers[APIHeader.replayed] == "true")
            let other = try await harness.api(
                .post, "/api/v1/sources", ["name": "Other", "kind": "pos"], headers: headers)
            #expect(try other.status == 422 && other.code == "idempotency_mismatch")
            let failed = try await harness.api(
                .delete, "/api/v1/sources/77", headers: [APIHeader.idempotencyKey: "k2"])
            #expect(failed.status == 404)
            let sources = try await harness.api(.get, "/api/v1/sources").json["items"]?.arrayValue
            #expect(sources?.map { $0["name"] } == ["Shop", "Till"])
        }
    }

    @Test("write keys rotate without a gap", arguments: StoreKind.allCases)
    func rotation(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let path = "/api/v1/sources/\(harness.sourceID)"
            let issued = try await harness.api(.post, path + "/write-keys")
            #expect(issued.status == 201)
            #expect(try await harness.api(.delete, "/api/v1/write-keys/\(harness.key)").status == 200)
            let source = try await harness.api(.get, path).json
            let keys = source["write_keys"]?.arrayValue ?? []
            #expect(keys.count == 2)
            #expect(keys.filter { $0["revoked_at"]?.isNull == true }.map { $0["key"] } == [try issued.json["key"]])
            #expect(try await harness.api(.delete, path).json["archived_at"]?.isNull == false)
            #expect(try await harness.api(.post, path + "/write-keys").status == 409)
        }
    }

    @Test("a request id comes back, ours or the caller's")
    func requestID() async throws {
        try await CollectHarness.with { harness in
            let own = try await harness.api(.get, "/api/v1/sources", headers: [APIHeader.requestID: "my-id.1"])
            #expect(own.headers[APIHeader.requestID] == "my-id.1")
        }
    }

    @Test("the document describes every route, with unique operations and resolvable references")
    func document() throws {
        let text = OpenAPIDocument.text(APICatalog.routes)
        let document = try JSONValue(parsing: text)
        #expect(document["openapi"] == "3.1.0")
        #expect(Set(APICatalog.routes.map(\.operation)).count == APICatalog.routes.count)
        for route in APICatalog.routes {
            let operation = document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
            #expect(operation?["operationId"] == .string(route.operation))
            let declared = Set(route.parameters.filter { $0.place == .path }.map(\.name))
            let named = Set(route.path.matches(of: /\{([a-z_]+)\}/).map { String($0.1) })
            #expect(declared == named, "\(route.path)")
        }
        let components = document["components"]?["schemas"]?.objectValue ?? [:]
        for match in text.matches(of: /#\/components\/schemas\/([A-Za-z]+)/) {
            #expect(components[String(match.1)] != nil)
        }
    }

    @Test("the page for people escapes and names every endpoint")
    func page() async throws {
        try await CollectHarness.with { harness in
            let page = try await harness.send(.get, "/api/docs")
            #expect(page.status == 200)
            for route in APICatalog.routes { #expect(page.text.contains("id=\"\(route.operation)\"")) }
            #expect(!page.text.contains("<script"))
        }
    }
    @Test("every command that has a natural key declares the answer to its repeat beside the first one")
    func repeats() throws {
        let document = try JSONValue(parsing: OpenAPIDocument.text(APICatalog.routes))
        let repeatable = APICatalog.routes.filter(\.isRepeatable)
        #expect(
            Set(repeatable.map(\.operation)).isSuperset(of: [
                "commitTillOrder", "returnTillOrder", "cancelTillOrder", "awardPoints", "redeemPoints", "redeemCoupons",
                "issueCoupon", "claimReward", "useMemberBenefit", "enrolMember", "createPointsPool", "spendPoolPoints",
            ]))
        for route in repeatable {
            let answers = document["paths"]?[route.path]?[route.method.rawValue.lowercased()]?["responses"]
            for status in ["200", "201"] {
                #expect(answers?[status]?["content"]?["application/json"]?["schema"] != nil, "\(route.operation)")
            }
            #expect(answers?["200"]?["content"] == answers?["201"]?["content"], "\(route.operation)")
        }
    }
}
