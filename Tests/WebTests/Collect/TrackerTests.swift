import Engine
import HTTPTypes
import Testing

@testable import Web

@Suite("Web tracker") struct TrackerTests {
    @Test("the script is served small, by version, with a hash that fits, as script and module")
    func script() async throws {
        try await CollectHarness.with { harness in
            let version = TrackerScript.latest
            let packed = try await harness.send(.get, "/t/\(version)/perennial.js", [.acceptEncoding: "gzip"])
            #expect(packed.status == 200 && packed.bytes.count <= 6 * 1024)
            #expect(packed.headers[.contentEncoding] == "gzip" && packed.headers[.accessControlAllowOrigin] == "*")
            #expect(packed.headers[.cacheControl]?.contains("immutable") == true)
            let plain = try await harness.send(.get, "/t/\(version)/perennial.js")
            let files = try await harness.send(.get, "/t/versions").json["files"]?.arrayValue ?? []
            let file = try #require(files.first { $0["path"] == .string("/t/\(version)/perennial.js") })
            #expect(
                file["integrity"]?.stringValue == TrackerScript.shared.file(version: version, "perennial.js")?.integrity
            )
            #expect(plain.text.contains("version: VERSION") && plain.text.contains("\"\(version)\""))
            let module = try await harness.send(.get, "/t/\(version)/perennial.mjs")
            #expect(module.text.hasSuffix("export default perennial;\n"))
            let newest = try await harness.send(.get, "/t/perennial.js")
            #expect(newest.bytes == plain.bytes && newest.headers[.cacheControl] == "public, max-age=3600")
            let mark = try #require(newest.headers[.eTag])
            #expect(try await harness.send(.get, "/t/perennial.js", [.ifNoneMatch: mark]).status == 304)
            #expect(try await harness.send(.get, "/t/0.0.1/perennial.js").status == 404)
            #expect(try await harness.send(.get, "/t/..%2F/perennial.js").status == 404)
        }
    }

    @Test("takes native events without a preflight, with the key in the address")
    func events() async throws {
        try await CollectHarness.with { harness in
            let events: JSONValue = [
                [
                    "type": "track", "event": "Session Started", "messageId": "m1", "anonymousId": "a1",
                    "traits": ["first_channel_code": "P1"], "traitOperation": "set_once",
                    "sentAt": "2026-11-22T17:00:10Z", "timestamp": "2026-11-22T17:00:00Z",
                ],
                ["type": "page", "messageId": "m2"], 7,
            ]
            let headers: HTTPFields = [.contentType: "text/plain", .origin: "https://shop.example"]
            let reply = try await harness.send(
                .post, "/t/events?key=\(harness.key)", headers, bytes: events.utf8Text())
            #expect(reply.status == 200 && reply.headers[.accessControlAllowOrigin] == "https://shop.example")
            let event = try #require(try await harness.logged().first)
            // Ten seconds before it was sent, by the server's clock.
            #expect(event.time == "2026-11-22T17:01:40.000Z" && event.operation == "set_once")
            #expect(try await harness.quarantined().map(\.reason) == [.noIdentity, .wrongType])
            #expect(try await harness.quarantined().map(\.dialect) == ["native", "native"])
            #expect(
                try await harness.send(.post, "/t/events?key=wrong", headers, bytes: events.utf8Text()).status == 401)
            let garbage = try await harness.send(
                .post, "/t/events?key=\(harness.key)", headers, bytes: Array("<xml>".utf8))
            #expect(garbage.status == 400)
        }
    }

    @Test("visitors without storage are told apart for a day by a secret that is then forgotten")
    func cookieless() async throws {
        try await CollectHarness.with { harness in
            func visit(_ agent: String) async throws {
                let event: JSONValue = [["type": "page", "anonymousId": "cookieless", "context": ["cookieless": true]]]
                let headers: HTTPFields = [.contentType: "text/plain", .origin: "https://a.example", .userAgent: agent]
                #expect(
                    try await harness.send(.post, "/t/events?key=\(harness.key)", headers, bytes: event.utf8Text())
                        .status == 200)
            }
            try await visit("Firefox one")
            try await visit("Firefox one")
            try await visit("Firefox two")
            let events = try await harness.logged()
            let ids = events.compactMap(\.identities.last)
            #expect(ids[0] == ids[1] && ids[1] != ids[2] && ids.allSatisfy { $0.hasPrefix("day-") })
            #expect(events.allSatisfy { $0.context["ip"] == nil })
            let tomorrow = try await VisitorSalt.today(.utc, later(harness.platform))
            let today = try await VisitorSalt.today(.utc, later(harness.platform))
            #expect(tomorrow == today && !tomorrow.isEmpty)
        }
    }

    private func later(_ platform: Platform) -> Platform {
        var effects = platform.effects
        effects.now = { CollectHarness.now.adding(days: 1) }
        return Platform(store: platform.store, analytics: platform.analytics, effects: effects)
    }
}
