import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("Machines among visitors") struct TrafficTests {
    private static let person =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
    private static let crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

    /// Lists in the form of the pinned ones.
    private static func lists() throws -> TrafficLists {
        let folder = FileManager.default.temporaryDirectory.appending(path: "traffic-\(UUID().uuidString)")
        func write(_ path: String, _ text: String) throws {
            let file = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try write(
            "crawler-user-agents-1.0.0/crawler-user-agents.json",
            #"[{"pattern":"Googlebot\\/"},{"pattern":"[wW]get"},{"pattern":"HeadlessChrome"}]"#)
        try write(
            "ua-parser-builtins-1/user-agents.json",
            #"""
            {"browsers":[["(Edg)/(\\d+)","Edge",null],["(Chrome)/(\\d+)\\.(\\d+)",null,null]],
             "systems":[["(Windows NT) (10)\\.0","Windows","10"],["(Android) (\\d+)",null,null]]}
            """#)
        try write("spam-referrers.txt", "# pinned\nbuttons-for-you.example\n")
        return TrafficLists(folder: folder.path)
    }

    private func track(
        _ harness: CollectHarness, agent: String, _ event: [String: JSONValue], extra: HTTPFields = [:]
    ) async throws -> CollectHarness.Reply {
        var headers: HTTPFields = [.userAgent: agent, .origin: "https://shop.example", .contentType: "text/plain"]
        for field in extra { headers.append(field) }
        var members: [String: JSONValue] = ["type": "page", "anonymousId": "a1"]
        members.merge(event) { _, new in new }
        return try await harness.send(
            .post, "/t/events?key=\(harness.key)", headers, bytes: JSONValue.array([.object(members)]).utf8Text())
    }

    private func counted(_ harness: CollectHarness) async throws -> [FilteredTraffic.Row] {
        _ = try await harness.api(.get, "/api/v1/traffic/filtered")
        return try await harness.platform.store.read { try FilteredTraffic.rows(first: 0, last: 100_000, $0) }
    }

    @Test("a person's browser, system, device and address are noted")
    func person() async throws {
        try await CollectHarness.with(lists: try Self.lists()) { harness in
            #expect(try await track(harness, agent: Self.person, [:]).status == 200)
            let context = try #require(try await harness.logged().first).context
            #expect(
                context["client"] == [
                    "browser": "Chrome", "browserVersion": "126", "os": "Windows", "osVersion": "10",
                    "device": "desktop",
                ])
            #expect(context["userAgent"] == .string(Self.person) && context["traffic"] == nil)
            #expect(try await counted(harness).isEmpty)
        }
    }

    @Test("an address is placed by the operator's file, what an SDK says stands, and no more of the address is kept")
    func regions() async throws {
        let fixtures =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/Fixtures/regions"
        let file = try RegionFile(path: fixtures + "/small.mmdb")
        try await CollectHarness.with(regions: file) { harness in
            var forwarded = HTTPFields()
            forwarded[try #require(HTTPField.Name("X-Forwarded-For"))] = "203.0.113.9"
            let cookieless: [String: JSONValue] = ["anonymousId": "cookieless", "context": ["cookieless": true]]
            _ = try await track(harness, agent: Self.person, cookieless, extra: forwarded)
            let said: [String: JSONValue] = ["context": ["location": ["city": "上海"]]]
            _ = try await track(harness, agent: Self.person, said, extra: forwarded)
            var headers: HTTPFields = [.userAgent: "Go-http-client/1.1", .contentType: "application/json"]
            headers[.authorization] = harness.basic(harness.key)
            let event = #"{"event":"A","anonymousId":"s1","context":{"ip":"203.0.113.200"}}"#
            _ = try await harness.send(.post, "/v1/track", headers, bytes: Array(event.utf8))
            // Perennial's own endpoint, as a document and as a stream, and what comes back from quarantine.
            var native: HTTPFields = [.contentType: "application/json", .authorization: "Bearer \(harness.key)"]
            let own = #"{"event":"A","anonymousId":"s2","context":{"ip":"203.0.113.200"}}"#
            #expect(try await harness.send(.post, "/api/v1/events", native, bytes: Array(own.utf8)).status == 200)
            native[.contentType] = "application/x-ndjson"
            #expect(
                try await harness.send(.post, "/api/v1/events", native, bytes: Array((own + "\n").utf8)).status == 200)
            let nobody = #"{"event":"A","context":{"ip":"203.0.113.200"}}"#
            _ = try await harness.send(.post, "/api/v1/events", native, bytes: Array(nobody.utf8))
            let item = try #require(try await harness.quarantined().last)
            let mended = try await harness.api(
                .post, "/api/v1/quarantine/\(item.id)/replay",
                ["item": ["event": "A", "anonymousId": "s3", "context": ["ip": "203.0.113.200"]]])
            #expect(mended.status == 200)
            let contexts = try await harness.logged().map(\.context)
            #expect(contexts[0]["location"] == ["country": "中国", "region": "浙江省", "city": "杭州"])
            #expect(contexts[0]["ip"] == nil && contexts[1]["location"] == ["city": "上海"])
            #expect(contexts.count == 6)
            #expect(contexts[2...].allSatisfy { $0["location"] == ["country": "Japan"] })
        }
    }

    @Test("crawlers, driven browsers, prefetching and spam make no events and are counted apart")
    func apart() async throws {
        try await CollectHarness.with(lists: try Self.lists()) { harness in
            var ahead = HTTPFields()
            ahead[try #require(HTTPField.Name("Sec-Purpose"))] = "prefetch;prerender"
            for _ in 0..<2 { #expect(try await track(harness, agent: Self.crawler, [:]).status == 200) }
            _ = try await track(harness, agent: Self.person, ["context": ["webdriver": true]])
            _ = try await track(harness, agent: Self.person, [:], extra: ahead)
            _ = try await track(
                harness, agent: Self.person,
                ["context": ["page": ["referrer": "https://www.buttons-for-you.example/x"]]])
            #expect(try await harness.logged().isEmpty)
            #expect(try await harness.people() == 0)
            let rows = try await counted(harness)
            #expect(
                Set(rows.map { "\($0.reason) \($0.agent) \($0.hits)" }) == [
                    "machine Googlebot 2", "automation Chrome 1", "prefetch Chrome 1", "spam buttons-for-you.example 1",
                ])
        }
    }

    @Test("what an identified person did is kept, and what servers send is believed")
    func kept() async throws {
        try await CollectHarness.with(lists: try Self.lists()) { harness in
            _ = try await track(harness, agent: Self.crawler, ["userId": "u1"])
            var headers: HTTPFields = [.userAgent: "Wget/1.21", .contentType: "application/json"]
            headers[.authorization] = harness.basic(harness.key)
            let event = #"{"event":"A","anonymousId":"s1"}"#
            #expect(try await harness.send(.post, "/v1/track", headers, bytes: Array(event.utf8)).status == 200)
            let events = try await harness.logged()
            #expect(events.map(\.identities) == [["user_id", "u1", "anonymous_id", "a1"], ["anonymous_id", "s1"]])
            #expect(events[0].context["traffic"] == "machine" && events[1].context["traffic"] == nil)
        }
    }

    @Test("a workspace may keep machines as events, marked")
    func policy() async throws {
        try await CollectHarness.with(lists: try Self.lists()) { harness in
            #expect(try await harness.api(.put, "/api/v1/traffic/policy", ["machines": "keep"]).status == 200)
            #expect(try await harness.api(.get, "/api/v1/traffic/policy").json["machines"] == "keep")
            #expect(try await harness.api(.put, "/api/v1/traffic/policy", ["machines": "eat"]).status == 422)
            _ = try await track(harness, agent: Self.crawler, [:])
            #expect(try await harness.logged().map { $0.context["traffic"] } == ["machine"])
        }
    }

    @Test("Umami's tracker gets Umami's answer to bots, and Matomo's hits are told by the visitor's agent")
    func dialects() async throws {
        try await CollectHarness.with(lists: try Self.lists()) { harness in
            let body: JSONValue = ["type": "event", "payload": ["website": .string(harness.key), "url": "/a"]]
            let reply = try await harness.json("/api/send", body, [.userAgent: Self.crawler])
            #expect(reply.status == 200 && reply.text == #"{"beep":"boop"}"#)
            let hit = "/matomo.php?idsite=\(harness.key)&rec=1&_id=v1&url=https%3A%2F%2Fa.example%2F"
            #expect(try await harness.send(.get, hit, [.userAgent: Self.crawler]).status == 200)
            #expect(try await harness.send(.get, hit, [.userAgent: Self.person]).status == 200)
            #expect(try await harness.logged().count == 1)
        }
    }

    @Test("a forwarded address is believed from a neighbour only")
    func addresses() {
        #expect(Visitor.address(peer: "127.0.0.1", forwarded: "203.0.113.7, 10.0.0.3") == "203.0.113.7")
        #expect(Visitor.address(peer: "127.0.0.1", forwarded: "198.51.100.1, 203.0.113.7") == "203.0.113.7")
        #expect(Visitor.address(peer: "198.51.100.9", forwarded: "203.0.113.7") == "198.51.100.9")
        #expect(Visitor.address(peer: "10.1.1.1", forwarded: "nonsense") == "10.1.1.1")
        #expect(Visitor.address(peer: "10.1.1.1", forwarded: nil) == "10.1.1.1")
    }
}
