import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Tasks, replies and worth over the API") struct ReachAPITests {
    private static func people(_ harness: CollectHarness) async throws {
        try await harness.platform.store.write { connection in
            for id in [Int64(7), 8] {
                try PreferenceWorld.put(
                    Profile(id: id, at: CollectHarness.now, createdAt: CollectHarness.now, sourceID: 1), connection)
            }
        }
    }

    @Test("tasks of a journey are listed, closed once, and take people on", arguments: StoreKind.allCases)
    func tasks(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            try await Self.people(harness)
            let steps: JSONValue = [
                [
                    "id": "call", "kind": "task", "title": "Call them", "amount": 1, "unit": "days",
                    "paths": [["name": "Done", "answer": "done", "steps": []]], "otherwise": [],
                ]
            ]
            let made = try await harness.api(
                .post, "/api/v1/journeys",
                [
                    "name": "Care",
                    "definition": [
                        "version": 1, "entry": ["kind": "api"], "reentry": ["kind": "after_exit"], "steps": steps,
                    ],
                ])
            let path = "/api/v1/journeys/\(try #require(try made.json["id"]?.stringValue))"
            #expect(try await harness.api(.post, path + "/publications", [:]).status == 201)
            #expect(try await harness.api(.post, path + "/publication-undos").status == 409)
            for id in ["7", "8"] {
                let entered = try await harness.api(
                    .post, path + "/runs", ["profile_id": .string(id), "key": "1", "values": [:]])
                #expect(entered.status == 201)
            }
            try await JourneyService(platform: harness.platform).catchUp()
            let listed = try await harness.api(.get, "/api/v1/tasks?state=open&limit=1").json
            #expect(listed["items"]?[0]?["title"] == "Call them" && listed["next_cursor"]?.stringValue != nil)
            let own = try await harness.api(.get, "/api/v1/tasks?profile_id=8").json["items"]
            #expect(own?.arrayValue?.count == 1)
            let id = try #require(own?[0]?["id"]?.stringValue)
            let task = "/api/v1/tasks/\(id)"
            let done = try await harness.api(.post, task + "/closures", ["state": "done", "note": "fine"])
            #expect(try done.status == 201 && done.json["state"] == "done" && done.json["note"] == "fine")
            #expect(try await harness.api(.post, task + "/closures", ["state": "skipped"]).status == 409)
            #expect(try await harness.api(.get, task).json["closed_by"]?.stringValue?.isEmpty == false)
            #expect(try await harness.api(.get, "/api/v1/tasks/1").status == 404)
            let reader = try await harness.key(for: [.journeysRead])
            #expect(try await harness.api(.post, task + "/closures", ["state": "done"], secret: reader).status == 403)
            try await harness.process()
            try await JourneyService(platform: harness.platform).catchUp()
            let runs = try await harness.api(.get, path + "/runs?status=ended").json["items"]
            #expect(runs?.arrayValue?.count == 1)
        }
    }

    @Test("variants of a template tell over the API what came of them; what is not there and wrong days are refused")
    func variants() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await CollectHarness.with(analytics: analytics) { harness in
                let content: JSONValue = ["variants": [["name": "A", "body": "Hi"], ["name": "B", "body": "Hello"]]]
                let made = try await harness.api(
                    .post, "/api/v1/templates", ["name": "Two", "channel": "inbox", "content": content])
                let path = "/api/v1/templates/\(try #require(try made.json["id"]?.stringValue))/variants"
                let told = try await harness.api(.get, path + "?days=30")
                #expect(try told.status == 200 && told.json["messages"] == [] && told.json["conversions"] == [])
                #expect(try told.json["goal"]?["window_days"] == 30 && told.json["crossed"] == 0)
                #expect(try await harness.api(.get, path + "?days=91").status == 400)
                #expect(try await harness.api(.get, "/api/v1/templates/1/variants").status == 404)
            }
        }
    }

    @Test(
        "answers are taken once, costs are kept, and why somebody is written to is told", arguments: StoreKind.allCases)
    func answers(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            try await Self.people(harness)
            let reply: JSONValue = ["key": "m-1", "channel": "inbox", "profile_id": "7", "text": "Yes please"]
            let first = try await harness.api(.post, "/api/v1/replies", reply)
            let again = try await harness.api(.post, "/api/v1/replies", reply)
            #expect(try first.status == 202 && first.json["id"] == again.json["id"])
            #expect(try await harness.api(.get, "/api/v1/replies?profile_id=7").json["items"]?.arrayValue?.count == 1)
            let nobody: JSONValue = ["key": "m-2", "channel": "inbox", "text": "Hello"]
            #expect(try await harness.api(.post, "/api/v1/replies", nobody).code == "nobody")

            let costs: JSONValue = ["per_thousand": ["inbox": 4_000]]
            #expect(try await harness.api(.put, "/api/v1/reach-costs", costs).json == costs)
            #expect(try await harness.api(.get, "/api/v1/reach-costs").json == costs)
            let wrong: JSONValue = ["per_thousand": ["pigeon": 1]]
            #expect(try await harness.api(.put, "/api/v1/reach-costs", wrong).status == 422)

            let content: JSONValue = ["variants": [["subject": "Hi", "body": "Hello"]]]
            let template = try await harness.api(
                .post, "/api/v1/templates", ["name": "Note", "channel": "inbox", "content": content])
            let id = try #require(try template.json["id"]?.stringValue)
            _ = try await harness.api(.post, "/api/v1/templates/\(id)/versions")
            let why = try await harness.api(.get, "/api/v1/profiles/7/message-explanation?template_id=\(id)").json
            #expect(why["channel"] == "inbox" && why["address"] == "7" && why["consent"]?["granted"] == .null)
            #expect(["leaves", "deferred"].contains(why["verdict"]?.stringValue ?? ""))
            #expect(why["caps"]?[0]?["used"] == 0)
            let unknown = try await harness.api(.get, "/api/v1/profiles/99/message-explanation?template_id=\(id)")
            #expect(unknown.status == 404)
        }
    }

    @Test("an experiment may divide people by what it learns", arguments: StoreKind.allCases)
    func allocation(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let draft: JSONValue = [
                "name": "Banner", "variants": [["key": "a", "weight": 1], ["key": "b", "weight": 1]],
                "primary": ["kind": "converted", "event": ["names": ["Bought"]], "window_days": 7],
                "allocation": "bandit", "least_share": 10,
            ]
            let made = try await harness.api(.post, "/api/v1/experiments", draft)
            let told = made.text
            #expect(
                made.status == 201 && told.contains("\"allocation\":\"bandit\"") && told.contains("\"least_share\":10"))
            var wrong = draft.objectValue ?? [:]
            wrong["least_share"] = 20
            #expect(try await harness.api(.post, "/api/v1/experiments", .object(wrong)).status == 422)
        }
    }
}
