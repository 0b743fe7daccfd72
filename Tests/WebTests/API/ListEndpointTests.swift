import Engine
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Views and exports over the API") struct ListEndpointTests {
    @Test("a view narrows the people, and a stale change is refused", arguments: StoreKind.allCases)
    func views(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            try await Self.people(harness)
            let made = try await harness.api(
                .post, "/api/v1/views", ["list": "people", "name": "Agreed", "query": "consent_sms=granted"])
            #expect(made.status == 201)
            let id = try #require(try made.json["id"]?.stringValue)
            let through = try await harness.api(.get, "/api/v1/profiles?view=\(id)")
            #expect(try through.json["items"]?.arrayValue?.map { $0["display_name"] } == ["林梅"])
            let direct = try await harness.api(.get, "/api/v1/profiles?consent_sms=refused")
            #expect(try direct.json["items"]?.arrayValue?.map { $0["display_name"] } == ["Ann"])
            let both = try await harness.api(.get, "/api/v1/profiles?view=\(id)&consent_sms=unknown")
            #expect(try both.json["items"]?.arrayValue?.count == 0)
            let changed = try await harness.api(
                .put, "/api/v1/views/\(id)", ["name": "All", "query": "", "version": 1])
            #expect(try changed.status == 200 && changed.json["version"] == 2)
            let stale = try await harness.api(
                .put, "/api/v1/views/\(id)", ["name": "Mine", "query": "", "version": 1])
            #expect(try stale.status == 409 && stale.code == "view_changed")
            let bad = try await harness.api(
                .post, "/api/v1/views", ["list": "people", "name": "x", "query": "stage=moon&first_from=soon"])
            #expect(try bad.status == 422 && bad.json["errors"]?.arrayValue?.count == 2)
            #expect(try await harness.api(.delete, "/api/v1/views/\(id)?version=1").status == 409)
            #expect(try await harness.api(.delete, "/api/v1/views/\(id)?version=2").status == 200)
            #expect(try await harness.api(.get, "/api/v1/profiles?view=\(id)").status == 404)
        }
    }

    @Test("an export is asked for, watched and fetched", arguments: StoreKind.allCases)
    func exports(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            try await Self.people(harness)
            let asked = try await harness.api(
                .post, "/api/v1/exports",
                ["list": "people", "query": "consent_sms=granted", "columns": ["user_id", "name"]])
            #expect(asked.status == 202)
            let id = try #require(try asked.json["id"]?.stringValue)
            let early = try await harness.api(.get, "/api/v1/exports/\(id)/file")
            #expect(try early.status == 409 && early.code == "not_finished")
            _ = try await JobRunner(platform: harness.platform).drain()
            let done = try await harness.api(.get, "/api/v1/exports/\(id)")
            #expect(try done.json["status"] == "done" && done.json["rows"] == 1)
            let file = try await harness.api(.get, "/api/v1/exports/\(id)/file")
            #expect(file.headers[.contentType] == "text/csv" && file.text == "\u{FEFF}user_id,name\r\nu1,林梅\r\n")
            let wrong = try await harness.api(.post, "/api/v1/exports", ["list": "orders", "columns": ["password"]])
            #expect(try wrong.status == 422 && wrong.code == "unknown_column")
            #expect(try await harness.api(.get, "/api/v1/exports/1/file").status == 404)
            #expect(try await harness.api(.get, "/api/v1/exports").json["items"]?.arrayValue?.count == 1)
        }
    }

    private static func people(_ harness: CollectHarness) async throws {
        let body = """
            {"batch":[
            {"type":"identify","userId":"u1","traits":{"name":"林梅","consent":{"sms":true}}},
            {"type":"identify","userId":"u2","traits":{"name":"Ann","consent":{"sms":false}}}]}
            """
        #expect(try await harness.segment("/v1/batch", body).status == 200)
        try await harness.process()
    }
}
