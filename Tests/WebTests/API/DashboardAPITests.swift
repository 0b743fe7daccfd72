import Engine
import Testing

@testable import Web

@Suite("Dashboards over the API") struct DashboardAPITests {
    @Test("a dashboard is made, changed by its revision, copied and removed; what is wrong is told")
    func life() async throws {
        try await CollectHarness.with { harness in
            let panel: JSONValue = ["panel": "trend", "query": "report=traffic&days=7", "width": 2]
            let made = try await harness.api(
                .post, "/api/v1/dashboards",
                [
                    "name": "Traffic", "panels": [panel], "days": 30,
                    "digest": ["cadence": "daily", "recipients": ["a@shop.cn"]],
                ])
            #expect(made.status == 201)
            let id = try #require(try made.json["id"]?.stringValue)
            #expect(try made.json["next_digest_at"]?.stringValue != nil && made.json["panels"]?[0]?["width"] == 2)
            let bad = try await harness.api(
                .post, "/api/v1/dashboards", ["name": "x", "panels": [["panel": "no", "query": "report=traffic"]]])
            #expect(try bad.status == 422 && bad.json["errors"]?[0]?["place"] == "body.panels[0]")
            let schedule = try await harness.api(
                .put, "/api/v1/dashboards/\(id)",
                ["name": "x", "panels": [], "digest": ["cadence": "daily", "recipients": ["no"]]])
            #expect(try schedule.status == 422 && schedule.code == "bad_schedule")
            let changed = try await harness.api(
                .put, "/api/v1/dashboards/\(id)", ["name": "Renamed", "panels": [panel, panel]])
            #expect(try changed.json["digest"] == .null && changed.json["panels"]?.arrayValue?.count == 2)
            let copy = try await harness.api(.post, "/api/v1/dashboards/\(id)/duplicate", ["name": "Copy"])
            #expect(copy.status == 201)
            #expect(try await harness.api(.get, "/api/v1/dashboards").json["items"]?.arrayValue?.count == 2)
            #expect(try await harness.api(.delete, "/api/v1/dashboards/\(id)").status == 200)
            #expect(try await harness.api(.get, "/api/v1/dashboards/\(id)").status == 404)
        }
    }
}
