import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Webhooks over the API") struct WebhookAPITests {
    private let draft: JSONValue = [
        "url": "https://crm.example.com/hook", "description": "CRM", "events": ["Segment Entered", "Tag Added"],
    ]

    @Test(
        "an endpoint is made, changed, paused, resumed, given a new secret and deleted", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let made = try await harness.api(.post, "/api/v1/webhooks", draft)
            let id = try #require(try made.json["id"]?.stringValue)
            let path = "/api/v1/webhooks/\(id)"
            let secret = try #require(try made.json["secret"]?.stringValue)
            #expect(made.status == 201 && secret.hasPrefix("whsec_"))
            let read = try await harness.api(.get, path).json
            #expect(read["secret"] == nil && read["status"] == "enabled" && read["paused_at"] == .null)
            #expect(read["events"] == ["Segment Entered", "Tag Added"])
            let changed = try await harness.api(.put, path, ["url": "http://a.example/", "events": []])
            #expect(try changed.json["url"] == "http://a.example/" && changed.json["description"] == "")
            let paused = try await harness.api(.put, path + "/status", ["status": "paused"])
            #expect(try paused.json["reason"] == "by_hand" && paused.json["paused_at"]?.stringValue != nil)
            let refused = try await harness.api(.post, path + "/pings")
            #expect(try refused.status == 409 && refused.code == "webhook_paused")
            let resumed = try await harness.api(.put, path + "/status", ["status": "enabled"])
            #expect(try resumed.json["status"] == "enabled" && resumed.json["paused_at"] == .null)
            let told = try await harness.api(.get, path + "/deliveries").json["items"]
            #expect(told?[0]?["event"] == "webhook.resumed" && told?[0]?["status"] == "waiting")
            let rotated = try await harness.api(.post, path + "/secrets")
            #expect(rotated.status == 201)
            #expect(try rotated.json["secret"]?.stringValue != secret)
            #expect(try rotated.json["old_secret_until"]?.stringValue != nil)
            #expect(try await harness.api(.get, "/api/v1/webhooks").json["items"]?.arrayValue?.count == 1)
            #expect(try await harness.api(.delete, path).status == 200)
            for gone in [path, path + "/deliveries", path + "/deliveries/\(told?[0]?["id"]?.stringValue ?? "0")"] {
                #expect(try await harness.api(.get, gone).status == 404, "\(gone)")
            }
        }
    }

    @Test("what cannot be an endpoint is told by its field")
    func wrong() async throws {
        try await CollectHarness.with { harness in
            func code(_ change: [String: JSONValue]) async throws -> String {
                let body = JSONValue.object((draft.objectValue ?? [:]).merging(change) { $1 })
                let reply = try await harness.api(.post, "/api/v1/webhooks", body)
                #expect(reply.status == 422)
                return try reply.code ?? ""
            }
            #expect(try await code(["url": "ftp://a.example"]) == "bad_url")
            #expect(try await code(["url": "https://u:p@a.example/"]) == "bad_url")
            #expect(try await code(["events": ["Nope"]]) == "unknown_event")
            #expect(try await code(["segments": ["99"]]) == "unknown_segment")
            #expect(try await harness.api(.get, "/api/v1/webhooks/1").status == 404)
            #expect(try await harness.api(.put, "/api/v1/webhooks/1/status", ["status": "asleep"]).status == 422)
            let readers = try await harness.key(for: [.webhooksRead])
            #expect(try await harness.api(.get, "/api/v1/webhooks", secret: readers).status == 200)
            #expect(try await harness.api(.post, "/api/v1/webhooks", draft, secret: readers).code == "missing_scope")
        }
    }

    @Test("messages are listed by page and status, and sent again one by one or all", arguments: StoreKind.allCases)
    func deliveries(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let made = try await harness.api(.post, "/api/v1/webhooks", draft)
            let path = "/api/v1/webhooks/\(try made.json["id"]?.stringValue ?? "")"
            var ids: [String] = []
            for _ in 0..<5 {
                let ping = try await harness.api(.post, path + "/pings")
                #expect(ping.status == 202)
                ids.append(try ping.json["id"]?.stringValue ?? "")
            }
            let first = try await harness.api(.get, path + "/deliveries?limit=3").json
            #expect(first["items"]?.arrayValue?.map { $0["sequence"]?.intValue } == [5, 4, 3])
            let cursor = try #require(first["next_cursor"]?.stringValue ?? first["next"]?.stringValue)
            let second = try await harness.api(.get, path + "/deliveries?limit=3&cursor=\(cursor)").json
            #expect(second["items"]?.arrayValue?.map { $0["sequence"]?.intValue } == [2, 1])
            let again = try await harness.api(.post, path + "/deliveries/\(ids[0])/replays")
            #expect(try again.status == 409 && again.code == "not_replayable")
            _ = try await harness.platform.store.write {
                try $0.execute("UPDATE webhook_deliveries SET status = 'dead', attempts = 10, answer_status = 503")
            }
            let dead = try await harness.api(.get, path + "/deliveries?status=dead").json["items"]
            #expect(dead?.arrayValue?.count == 5 && dead?[0]?["answer_status"] == 503)
            #expect(try await harness.api(.get, path + "/deliveries?status=lost").status == 400)
            let one = try await harness.api(.post, path + "/deliveries/\(ids[0])/replays")
            #expect(try one.status == 202 && one.json["status"] == "waiting" && one.json["attempts"] == 0)
            #expect(try one.json["message_id"] == .string("msg_\(ids[0])"))
            let all = try await harness.api(.post, path + "/replays", ["since": "2026-01-01T00:00:00Z"])
            #expect(try all.status == 202 && all.json["messages"] == 4)
            let late = try await harness.api(.post, path + "/replays", ["since": "2027-01-01T00:00:00Z"])
            #expect(try late.json["messages"] == 0)
            #expect(try await harness.api(.post, path + "/replays", ["since": "today"]).status == 422)
        }
    }

    @Test("a segment is pushed, followed once, and let go", arguments: StoreKind.allCases)
    func pushes(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let made = try await harness.api(.post, "/api/v1/webhooks", draft)
            let webhook = try #require(try made.json["id"]?.stringValue)
            let list = try await harness.api(.post, "/api/v1/segments", ["name": "List", "kind": "static"])
            let segment = try #require(try list.json["id"]?.stringValue)
            let path = "/api/v1/segments/\(segment)/pushes"
            // Who may not read the people may not have them sent anywhere.
            let blind = try await harness.key(for: [.webhooksRead, .webhooksWrite])
            let refused = try await harness.api(.post, path, ["webhook_id": .string(webhook)], secret: blind)
            #expect(try refused.status == 403 && refused.code == "missing_scope")
            let begun = try await harness.api(.post, path, ["webhook_id": .string(webhook)])
            #expect(begun.status == 201 || begun.status == 202, "\(begun.text)")
            #expect(try await harness.api(.post, path, ["webhook_id": .string(webhook)]).code == "pushed_already")
            #expect(try await harness.api(.get, path).json["items"]?.arrayValue?.count == 1)
            let hook = "/api/v1/webhooks/\(webhook)"
            let moved = (draft.objectValue ?? [:]).merging(["url": "https://elsewhere.example/"]) { $1 }
            #expect(try await harness.api(.put, hook, .object(moved), secret: blind).code == "missing_scope")
            #expect(try await harness.api(.put, hook, draft, secret: blind).status == 200)
            #expect(try await harness.api(.put, hook, .object(moved)).status == 200)
            let uses = try await harness.api(.get, "/api/v1/segments/\(segment)/uses").json["items"]
            #expect(uses?[0]?["kind"] == "webhook")
            #expect(try await harness.api(.delete, "/api/v1/segments/\(segment)").code == "segment_in_use")
            #expect(try await harness.api(.delete, path + "/\(webhook)").status == 200)
            #expect(try await harness.api(.delete, path + "/\(webhook)").status == 404)
            #expect(try await harness.api(.delete, "/api/v1/segments/\(segment)").status == 200)
        }
    }
}
