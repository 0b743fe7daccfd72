import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Journeys over the API") struct JourneyAPITests {
    private func draft(_ steps: [JSONValue], name: String = "Welcome") -> JSONValue {
        [
            "name": .string(name),
            "definition": [
                "version": 1, "entry": ["kind": "api"], "reentry": ["kind": "after_exit"], "steps": .array(steps),
            ],
        ]
    }

    private let wait: JSONValue = ["id": "w", "kind": "wait", "amount": 2, "unit": "days"]

    @Test("a journey is drawn, checked, published, entered, paused, resumed and ended", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let wrong = try await harness.api(.post, "/api/v1/journeys", draft([["id": "w", "kind": "dance"]]))
            #expect(try wrong.status == 422 && wrong.code == "invalid_journey")
            let made = try await harness.api(.post, "/api/v1/journeys", draft([["id": "e", "kind": "exit"], wait]))
            let id = try #require(try made.json["id"]?.stringValue)
            let path = "/api/v1/journeys/\(id)"
            #expect(try made.status == 201 && made.json["status"] == "draft" && made.json["published"] == .null)
            let issues = try await harness.api(.get, path + "/issues").json["items"]
            #expect(issues?[0]?["node"] == "w" && issues?[0]?["code"] == "unreachable")
            #expect(try await harness.api(.post, path + "/publications", [:]).code == "invalid_journey")
            let changed = try await harness.api(.put, path, draft([wait]))
            let stale = draft([wait]).objectValue?.merging(["seen": "0000000000000000"]) { $1 } ?? [:]
            #expect(try await harness.api(.put, path, .object(stale)).status == 412)
            let revision = try #require(try changed.json["revision"])
            let live = try await harness.api(.post, path + "/publications", ["seen": revision])
            #expect(try live.status == 201 && live.json["status"] == "live" && live.json["draft"] == .null)
            #expect(try await harness.api(.post, path + "/publications", [:]).code == "no_draft")

            let person = try await Self.person(harness)
            let entry: JSONValue = ["profile_id": person, "key": "1", "values": ["order_id": "o1"]]
            let run = try await harness.api(.post, path + "/runs", entry)
            #expect(try run.status == 201 && run.json["run"]?["node"] == "w")
            let again = try await harness.api(.post, path + "/runs", entry)
            #expect(try again.json["run"] == .null && again.json["reason"] == "active")
            let runID = try #require(try run.json["run"]?["id"]?.stringValue)
            let one = try await harness.api(.get, path + "/runs/\(runID)").json
            #expect(one["run"]?["values"] == ["order_id": "o1"] && one["visits"] == [])
            #expect(try await harness.api(.get, path + "/runs?node=w").json["items"]?.arrayValue?.count == 1)
            #expect(try await harness.api(.post, path + "/runs/\(runID)/retries").code == "not_retryable")
            let figures = try await harness.api(.get, path + "/figures").json
            #expect(figures["entered"] == 1 && figures["standing"]?[0]?["people"] == 1)
            let trial = try await harness.api(.post, path + "/trials", ["profile_id": person]).json
            #expect(trial["lines"]?[0]?["node"] == "w" && trial["ending"] == "finished")
            let dry = try await harness.api(.get, path + "/dry-run?days=3").json
            #expect(
                dry["entries"] == 0 && dry["outcome"]?["walked"] == 0 && dry["outcome"]?["factor"]?.doubleValue == 1)
            #expect(dry["outcome"]?["days"]?.arrayValue?.count == 3 && dry["outcome"]?["caps"]?[0]?["most"] == 2)
            #expect(dry["outcome"]?["total"]?["cost"]?["sum"] == 0)
            #expect(dry["outcome"]?["days"]?[0]?["capped"]?.arrayValue?.count == 2)
            let why = try await harness.api(
                .get, path + "/explanation?profile_id=\(person.stringValue ?? "")"
            ).json["reasons"]
            #expect(why?[0]?["holds"] == true && why?[2]?["subject"] == "reentry" && why?[2]?["holds"] == false)

            #expect(try await harness.api(.delete, path).code == "journey_in_use")
            let paused = try await harness.api(.put, path + "/status", ["status": "paused"])
            #expect(try paused.json["status"] == "paused" && paused.json["paused_at"]?.stringValue != nil)
            #expect(try await harness.api(.post, path + "/runs", entry).code == "not_live")
            let resumed = try await harness.api(.put, path + "/status", ["status": "live", "catch_up": "keep"])
            #expect(try resumed.json["status"] == "live")
            let gone = try await harness.api(.delete, path + "/runs/\(runID)")
            #expect(try gone.json["ending"] == "removed")
            #expect(try await harness.api(.put, path + "/status", ["status": "ended"]).json["status"] == "ended")
            #expect(try await harness.api(.delete, path).status == 200)
            #expect(try await harness.api(.get, path).status == 404)
        }
    }

    @Test("a draft is kept while it is incomplete, and neither published nor tried", arguments: StoreKind.allCases)
    func unfinished(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let half: JSONValue = ["id": "w", "kind": "wait", "unit": "days"]
            let made = try await harness.api(.post, "/api/v1/journeys", draft([half]))
            let path = "/api/v1/journeys/\(try #require(try made.json["id"]?.stringValue))"
            #expect(try made.status == 201 && made.json["draft"]?["steps"] == [half])
            #expect(try made.json["draft_issues"]?[0]?["node"] == "w")
            let issues = try await harness.api(.get, path + "/issues").json["items"]
            #expect(issues?.arrayValue?.count == 1 && issues?[0]?["path"] == "amount")
            #expect(try await harness.api(.post, path + "/publications", [:]).code == "invalid_journey")
            let person = try await Self.person(harness)
            #expect(try await harness.api(.post, path + "/trials", ["profile_id": person]).code == "invalid_journey")
            #expect(try await harness.api(.get, path + "/dry-run?days=3").code == "invalid_journey")
            let why = try await harness.api(.get, path + "/explanation?profile_id=\(person.stringValue ?? "")").json
            #expect(why["reasons"]?.arrayValue?.count == 1 && why["reasons"]?[0]?["holds"] == false)
            let whole = try await harness.api(.put, path, draft([wait])).json
            #expect(whole["draft_issues"] == [])
            #expect(try await harness.api(.post, path + "/publications", [:]).status == 201)
        }
    }

    @Test("keys need the scope, and playbooks are told in both languages")
    func access() async throws {
        try await CollectHarness.with { harness in
            let secret = try await harness.key(for: [.journeysRead])
            #expect(try await harness.api(.get, "/api/v1/journeys", secret: secret).status == 200)
            #expect(try await harness.api(.post, "/api/v1/journeys", draft([wait]), secret: secret).status == 403)
            let books = try await harness.api(.get, "/api/v1/journey-playbooks?language=zh-Hans").json["items"]
            #expect(books?.arrayValue?.count == 15 && books?[0]?["name"] == "欢迎与渐进注册")
        }
    }

    private static func person(_ harness: CollectHarness) async throws -> JSONValue {
        let now = harness.platform.effects.now()
        let platform = harness.platform
        let event = IncomingEvent(
            kind: .identify, name: "identify", messageID: "m1",
            identities: [IdentityClaim(kind: "user_id", value: "ann")], time: now, receivedAt: now)
        try await Ingest(platform: platform, signal: LogSignal()).append(IncomingBatch(sourceID: 1, events: [event]))
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
        let found = try await platform.store.read { try ProfileList.load(ProfileFilter(), limit: 1, $0) }
        return JSONValue(id: try #require(found.profiles.first).id)
    }
}
