import Engine
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Native events") struct NativeTests {
    @Test("one event with identities of every kind")
    func one() async throws {
        try await CollectHarness.with { harness in
            let reply = try await harness.api(
                .post, "/api/v1/events",
                [
                    "event": "Store Visited", "message_id": "m1", "timestamp": "2026-11-22T09:00:00+08:00",
                    "identities": ["phone": "13800000000", "wechat_unionid": "x"], "anonymous_id": "a",
                    "properties": ["store": "大望路"],
                ])
            #expect(reply.status == 200)
            #expect(try reply.json["items"]?[0] == ["index": 0, "status": "stored", "message_id": "m1"])
            let event = try #require(try await harness.logged().first)
            #expect(event.time == "2026-11-22T01:00:00.000Z")
            #expect(Set(event.identities) == ["phone", "13800000000", "wechat_unionid", "x", "anonymous_id", "a"])
        }
    }

    @Test("an array, told item by item, with a write key")
    func array() async throws {
        try await CollectHarness.with { harness in
            let body =
                #"[{"event":"A","user_id":"u"},{"user_id":"u"},5,{"type":"identify","user_id":"u","traits":{"n":1},"trait_operation":"increment"}]"#
            let reply = try await harness.send(
                .post, "/api/v1/events",
                [.authorization: harness.basic(harness.key), .contentType: "application/json"],
                bytes: Array(body.utf8))
            #expect(reply.status == 200)
            #expect(try reply.json["stored"] == 2)
            #expect(try reply.json["rejected"] == 2)
            #expect(try reply.json["items"]?[1]?["code"] == "missing_field")
            #expect(try reply.json["items"]?[2]?["code"] == "wrong_type")
            #expect(try await harness.logged().map(\.operation) == ["set", "increment"])
        }
    }

    @Test("a stream of lines, good and bad, plain and gzipped", arguments: [false, true])
    func stream(gzip: Bool) async throws {
        try await CollectHarness.with { harness in
            var lines = (0..<1_234).map { #"{"event":"E","user_id":"u","message_id":"m\#($0)"}"# }
            lines[7] = "{broken"
            lines[8] = ""
            lines[9] = #"{"event":"E","user_id":"u","properties":{"x":"\#(String(repeating: "x", count: 200_000))"}}"#
            let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
            var headers: HTTPFields = [
                .authorization: harness.basic(harness.key), .contentType: "application/x-ndjson",
            ]
            if gzip { headers[.contentEncoding] = "gzip" }
            let reply = try await harness.send(
                .post, "/api/v1/events", headers, bytes: gzip ? try Gzip.compress(bytes) : bytes)
            #expect(reply.status == 200)
            #expect(try reply.json["stored"] == 1_231)
            #expect(try reply.json["rejected"] == 2)
            #expect(try await harness.logged().count == 1_231)
            let reasons = try await harness.quarantined()
            #expect(Set(reasons.map(\.reason)) == [.malformedJSON, .tooLarge])
        }
    }

    @Test("a gzip bomb is let go before much of it is unpacked")
    func bomb() async throws {
        try await CollectHarness.with { harness in
            let blank = [UInt8](repeating: 0x20, count: 16 * 1024 * 1024)
            let headers: HTTPFields = [
                .authorization: harness.basic(harness.key), .contentType: "application/x-ndjson",
                .contentEncoding: "gzip",
            ]
            let reply = try await harness.send(.post, "/api/v1/events", headers, bytes: try Gzip.compress(blank))
            #expect(try reply.status == 413 && reply.code == "too_large")
        }
    }

    @Test("bad documents are problems and are kept")
    func bad() async throws {
        try await CollectHarness.with { harness in
            let headers: HTTPFields = [.authorization: "Bearer \(harness.secret)", .contentType: "application/json"]
            for body in ["{", "null", "\"x\"", "[1", "\u{1}"] {
                let reply = try await harness.send(.post, "/api/v1/events", headers, bytes: Array(body.utf8))
                #expect(reply.status == 400)
                #expect(reply.headers[.contentType] == "application/problem+json")
            }
            #expect(try await harness.quarantined().count == 5)
        }
    }

    @Test("an unbind unlinks what it names, is listed, and can be undone", arguments: StoreKind.allCases)
    func unbind(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            _ = try await harness.api(
                .post, "/api/v1/events", ["event": "E", "user_id": "u1", "identities": ["phone": "13800000000"]])
            _ = try await harness.api(
                .post, "/api/v1/events",
                ["type": "unbind", "user_id": "u1", "message_id": "un", "identities": ["phone": "13800000000"]])
            let nothing = try await harness.api(.post, "/api/v1/events", ["type": "unbind", "user_id": "u1"])
            #expect(try nothing.json["items"]?[0]?["code"] == "no_identity")
            try await harness.process()
            let receipt = try await harness.api(.get, "/api/v1/events/receipts/un").json["receipts"]?[0]
            let profile = try #require(receipt?["profile_id"]?.stringValue)
            let person = "/api/v1/profiles/\(profile)"
            #expect(try await harness.api(.get, person).json["identities"]?.arrayValue?.count == 1)
            let listed = try await harness.api(.get, person + "/unlinks").json["items"]?[0]
            #expect(listed?["kind"] == "phone" && listed?["undone_at"]?.isNull == true)
            let id = try #require(listed?["id"]?.stringValue)
            #expect(try await harness.api(.post, "/api/v1/unlinks/\(id)/undo").status == 200)
            #expect(try await harness.api(.get, person).json["identities"]?.arrayValue?.count == 2)
            #expect(try await harness.api(.post, "/api/v1/unlinks/\(id)/undo").status == 404)
        }
    }

    @Test("a receipt tells pending, stored, duplicate and quarantined", arguments: StoreKind.allCases)
    func receipts(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let event: JSONValue = ["event": "E", "user_id": "u", "message_id": "m 1/ü"]
            let path = "/api/v1/events/receipts/m%201%2F%C3%BC"
            #expect(try await harness.api(.get, path).status == 404)
            _ = try await harness.api(.post, "/api/v1/events", event)
            #expect(try await harness.api(.get, path).json["receipts"]?[0]?["status"] == "pending")
            try await harness.process()
            _ = try await harness.api(.post, "/api/v1/events", event)
            try await harness.process()
            let receipt = try #require(try await harness.api(.get, path).json["receipts"]?[0])
            #expect(receipt["status"] == "stored")
            #expect(receipt["duplicates"] == 1)
            let profile = try #require(receipt["profile_id"]?.stringValue)
            let person = try await harness.api(.get, "/api/v1/profiles/\(profile)")
            #expect(try person.json["identities"]?[0]?["value"] == "u")
            _ = try await harness.api(.post, "/api/v1/events", ["message_id": "bad", "user_id": "u"])
            let bad = try await harness.api(.get, "/api/v1/events/receipts/bad")
            #expect(try bad.json["receipts"]?[0]?["status"] == "quarantined")
            #expect(try bad.json["receipts"]?[0]?["reason"] == "missing_field")
        }
    }

    @Test("a quarantined item is replayed once, mended or as it is", arguments: StoreKind.allCases)
    func replay(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            _ = try await harness.segment(
                "/v1/batch", #"{"batch":[{"type":"track","userId":"u","messageId":"m"},{"type":"x","userId":"u"}]}"#)
            let list = try await harness.api(.get, "/api/v1/quarantine").json
            let ids = (list["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
            #expect(ids.count == 2)
            let first = try #require(ids.last)
            let whole = try await harness.api(.get, "/api/v1/quarantine/\(first)").json
            #expect(whole["raw"] == #"{"type":"track","userId":"u","messageId":"m"}"#)
            let still = try await harness.api(.post, "/api/v1/quarantine/\(first)/replay", [:])
            #expect(try still.status == 422 && still.code == "still_missing_field")
            let mended: JSONValue = ["item": ["type": "track", "event": "Mended", "userId": "u"]]
            let done = try await harness.api(.post, "/api/v1/quarantine/\(first)/replay", mended)
            #expect(try done.status == 200 && done.json["status"] == "replayed")
            let again = try await harness.api(.post, "/api/v1/quarantine/\(first)/replay", mended)
            #expect(try again.status == 409 && again.code == "not_waiting")
            #expect(try await harness.logged().map(\.name) == ["Mended"])
            #expect(try await harness.logged().map(\.messageID) == ["m"])
            let other = try #require(ids.first)
            #expect(try await harness.api(.post, "/api/v1/quarantine/\(other)/discard").status == 200)
            #expect(try await harness.api(.get, "/api/v1/quarantine").json["items"] == [])
            #expect(
                try await harness.api(.get, "/api/v1/quarantine?status=discarded").json["items"]?.arrayValue?.count == 1
            )
        }
    }
}
