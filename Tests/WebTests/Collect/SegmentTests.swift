import Engine
import HTTPTypes
import Testing

@testable import Web

@Suite("Segment collector") struct SegmentTests {
    @Test("takes every call of the Python SDK as it was captured", arguments: [false, true])
    func captured(gzip: Bool) async throws {
        try await CollectHarness.with { harness in
            let body = try Captured.text("segment-analytics-python-2.4.0.batch.json")
            let reply = try await harness.segment("/v1/batch", body, gzip: gzip)
            #expect(reply.status == 200)
            #expect(reply.text == #"{"success":true}"#)
            let events = try await harness.logged()
            #expect(
                events.map(\.name) == [
                    "Identify", "Order Completed", "Page Viewed", "Screen Viewed", "Group", "Alias", "Anon Event",
                ])
            #expect(events[0].identities == ["user_id", "u1", "anonymous_id", "anon-1"])
            #expect(events[0].traits["email"] == "a@b.c")
            // Received 1.937341 s after it was sent, which the clock of the client is corrected by.
            #expect(events[0].time == "2026-11-22T17:01:49.500Z")
            #expect(events[1].properties["products"]?[0]?["sku"] == "s1")
            #expect(events[1].context["library"]?["name"] == "analytics-python")
            #expect(events[2].properties["name"] == "Home" && events[2].properties["category"] == "Docs")
            #expect(events[2].properties["url"] == "https://ex.com/")
            #expect(events[4].properties == ["group_id": "g1", "traits": ["name": "ACME"]])
            #expect(events[4].traits == [:])
            #expect(events[5].identities == ["user_id", "u1", "anonymous_id", "anon-1"])
            #expect(events[6].identities == ["anonymous_id", "anon-1"])
            #expect(events[6].messageID == "my-msg-id")
            #expect(try await harness.quarantined().isEmpty)
        }
    }

    @Test("takes RudderStack's traits out of the context")
    func rudder() async throws {
        try await CollectHarness.with(at: CollectHarness.now.adding(milliseconds: 120_000)) { harness in
            let body = try Captured.text("rudder-sdk-python-2.1.9.batch.json")
            #expect(try await harness.segment("/v1/batch", body, gzip: true).status == 200)
            let events = try await harness.logged()
            #expect(events[0].traits == ["email": "a@b.c", "plan": "gold"])
            #expect(events[1].name == "Order Completed")
        }
    }

    @Test("takes single calls by path, with the key in the body", arguments: ["track", "t"])
    func single(path: String) async throws {
        try await CollectHarness.with { harness in
            let body = #"{"event":"Tea Tasted","userId":7,"writeKey":"\#(harness.key)","properties":{"a":1}}"#
            let reply = try await harness.send(
                .post, "/v1/\(path)", [.contentType: "text/plain"], bytes: Array(body.utf8))
            #expect(reply.status == 200)
            let event = try #require(try await harness.logged().first)
            #expect(event.kind == "track" && event.identities == ["user_id", "7"])
            #expect(event.time == CollectHarness.now.iso8601)
            #expect(event.messageID.hasPrefix("sha256-"))
        }
    }

    @Test("a bad event goes to quarantine and its neighbours are stored")
    func neighbours() async throws {
        try await CollectHarness.with { harness in
            let bad: [(json: String, reason: QuarantineReason)] = [
                (
                    #"{"type":"track","userId":"u","event":"E","messageId":"nan","properties":{"x":NaN}}"#,
                    .malformedJSON
                ),
                (#"{"type":"track","userId":"u","event":"E","properties":{"x":1e999}}"#, .numberOutOfRange),
                (#"{"type":"track","userId":"u","event":"E\u0000"}"#, .badEncoding),
                (#"{"type":"track","event":"E","messageId":"m-4"}"#, .noIdentity),
                (#"{"type":"track","userId":"u"}"#, .missingField),
                (#"{"type":"dance","userId":"u"}"#, .unknownEventType),
                (#"{"type":"track","userId":"u","event":"E","properties":[]}"#, .wrongType),
                (#"{"type":"track","userId":"u","event":"E","timestamp":"2031-01-01T00:00:00Z"}"#, .timeOutOfRange),
                (#"{"type":"track","userId":"u","event":"E","timestamp":"yesterday"}"#, .wrongType),
                (#"{"type":"track","userId":"u","event":"E","timestamp":"1066-10-14T09:00:00Z"}"#, .timeOutOfRange),
                ("17", .wrongType),
                (
                    #"{"type":"track","userId":"u","event":"E","messageId":"\#(String(repeating: "m", count: 101))"}"#,
                    .messageIDTooLong
                ),
                (#"{"type":"track","userId":"u","event":"E","properties":{"deep":\#(nested(40))}}"#, .tooDeep),
                (
                    #"{"type":"track","userId":"u","event":"E","properties":{"x":"\#(String(repeating: "x", count: 33_000))"}}"#,
                    .tooLarge
                ),
                (#"{"type":"track","userId":"u","event":"E","properties":{\#(many(1_001))}}"#, .tooLarge),
                (#"{"type":"alias","userId":"u"}"#, .missingField),
            ]
            let good = #"{"type":"track","userId":"u","event":"Good","messageId":"g"}"#
            let items = [good] + bad.map(\.json) + [good]
            let reply = try await harness.segment("/v1/batch", #"{"batch":[\#(items.joined(separator: ","))]}"#)
            #expect(reply.status == 200)
            #expect(try reply.json["success"] == true)
            #expect(try reply.json["rejected"]?.intValue == Int64(bad.count))
            #expect(try reply.json["errors"]?[0]?["index"] == 1)
            #expect(try await harness.logged().map(\.name) == ["Good", "Good"])
            let quarantined = try await harness.quarantined()
            #expect(quarantined.map(\.reason) == bad.map(\.reason))
            #expect(quarantined.map { String(decoding: $0.raw, as: UTF8.self) } == bad.map(\.json))
            #expect(quarantined[3].messageID == "m-4")
        }
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    private func many(_ count: Int) -> String {
        (0..<count).map { "\"k\($0)\":1" }.joined(separator: ",")
    }

    @Test("a body that cannot be read is refused, kept, and said why")
    func unreadable() async throws {
        try await CollectHarness.with { harness in
            let cases: [(body: String, code: String)] = [
                ("", "malformed_json"), ("{", "malformed_json"), ("{\"batch\":[{]}", "malformed_json"),
                ("[]", "wrong_type"), ("{\"batch\":{}}", "wrong_type"), ("{}", "missing_field"),
                ("nonsense", "malformed_json"),
            ]
            for (body, code) in cases {
                let reply = try await harness.segment("/v1/batch", body)
                #expect(try reply.status == 400 && reply.code == code, "\(body): \(reply.text)")
                #expect(try reply.json["message"]?.stringValue?.isEmpty == false)
            }
            #expect(try await harness.quarantined().count == cases.count)
            #expect(try await harness.logged().isEmpty)
        }
    }

    @Test("wrong and revoked keys are refused in the dialect's words")
    func keys() async throws {
        try await CollectHarness.with { harness in
            let good = #"{"batch":[{"type":"track","userId":"u","event":"E"}]}"#
            let wrong = try await harness.segment("/v1/batch", good, key: "nobody")
            #expect(try wrong.status == 401 && wrong.code == "unauthorized")
            let none = try await harness.send(.post, "/v1/batch", bytes: Array(good.utf8))
            #expect(none.status == 401)
            #expect(try await harness.segment("/v1/batch", good).status == 200)
            #expect(try await harness.logged().count == 1)
        }
    }

    @Test("oversized, cut off and exploding gzip bodies are refused without being held in memory")
    func sizes() async throws {
        try await CollectHarness.with { harness in
            let headers: HTTPFields = [.authorization: harness.basic(harness.key), .contentEncoding: "gzip"]
            let bomb = try Gzip.compress([UInt8](repeating: 0x20, count: 20_000_000))
            let exploded = try await harness.send(.post, "/v1/batch", headers, bytes: bomb)
            #expect(try exploded.status == 413 && exploded.code == "too_large")
            let whole = try Gzip.compress(Array(#"{"batch":[]}"#.utf8))
            let cut = try await harness.send(.post, "/v1/batch", headers, bytes: Array(whole.dropLast(9)))
            #expect(try cut.status == 400 && cut.code == "bad_gzip")
            #expect(try await harness.quarantined().map(\.raw) == [Array(whole.dropLast(9))])
            let large = String(repeating: " ", count: EventLimits.batchBytes) + #"{"batch":[]}"#
            #expect(try await harness.segment("/v1/batch", large).status == 413)
            let events = (0..<2_501).map { _ in #"{"type":"track","userId":"u","event":"E"}"# }.joined(separator: ",")
            let many = try await harness.segment("/v1/batch", #"{"batch":[\#(events)]}"#)
            #expect(try many.status == 400 && many.code == "too_large")
        }
    }

    @Test("pages of any origin may send", arguments: ["/v1/t", "/v1/batch", "/sa.gif", "/api/v1/events"])
    func preflight(path: String) async throws {
        try await CollectHarness.with { harness in
            let reply = try await harness.send(
                .options, path,
                [
                    .origin: "https://shop.example", .accessControlRequestMethod: "POST",
                    .accessControlRequestHeaders: "authorization,content-type,x-retry-count",
                ])
            #expect(reply.status == 204)
            #expect(reply.headers[.accessControlAllowOrigin] == "https://shop.example")
            #expect(reply.headers[.accessControlAllowMethods]?.contains("POST") == true)
            #expect(reply.headers[.accessControlAllowHeaders]?.contains("x-retry-count") == true)
        }
    }

    @Test("equal items without an id are two, a repeated request none")
    func repeats() async throws {
        try await CollectHarness.with { harness in
            let item = #"{"type":"track","userId":"u","event":"E"}"#
            for _ in 0..<2 { _ = try await harness.segment("/v1/batch", #"{"batch":[\#(item),\#(item)]}"#) }
            let ids = try await harness.logged().map(\.messageID)
            #expect(ids[0] + "-2" == ids[1])
            #expect(Array(ids[0..<2]) == Array(ids[2..<4]))
        }
    }
}
