import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("Umami collector") struct UmamiTests {
    private static let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36"

    @Test("takes every request of the tracker as it was captured, one visitor throughout")
    func browser() async throws {
        try await CollectHarness.with(at: CollectHarness.captured) { harness in
            let text = try Captured.text("umami-tracker-2026-05-14.ndjson")
                .replacing(key: harness.key, in: ["11111111-2222-4333-8444-555555555555"])
            var headers: HTTPFields = [.userAgent: Self.agent, .origin: "https://shop.example.com"]
            for line in text.split(separator: "\n") {
                let reply = try await harness.json("/api/send", try JSONValue(parsing: line), headers)
                let answer = try reply.json
                #expect(reply.status == 200 && answer["sessionId"]?.stringValue?.count == 36)
                headers[try #require(HTTPField.Name("x-umami-cache"))] = answer["cache"]?.stringValue
                // Another network, another agent: the cache carries the visitor on.
                headers[.userAgent] = Self.agent + " moved"
            }
            let events = try await harness.logged()
            #expect(events.map(\.name) == ["Page Viewed", "signup", "Identify", "after-identify"])
            #expect(Set(events.map { $0.identities.last ?? "" }).count == 1)
            #expect(events[0].context["campaign"]?["name"] == "double11")
            #expect(events[0].context["screen"] == ["width": 1920, "height": 1080])
            #expect(events[2].identities[0...1] == ["user_id", "u1"] && events[2].traits == ["email": "a@b.c"])
            #expect(try await harness.people() == 1)
        }
    }

    @Test("a visitor is known by address and agent within a month, and is somebody else for another site")
    func visitors() async throws {
        try await CollectHarness.with { harness in
            func session(_ agent: String, website: String) async throws -> String? {
                let body: JSONValue = ["type": "event", "payload": ["website": .string(website), "url": "/a"]]
                let path = "/api/send"
                var headers: HTTPFields = [.userAgent: agent]
                headers[.authorization] = "Bearer \(harness.key)"
                return try await harness.json(path, body, headers).json["sessionId"]?.stringValue
            }
            let first = try await session(Self.agent, website: harness.key)
            #expect(try await session(Self.agent, website: harness.key) == first)
            #expect(try await session(Self.agent + " other", website: harness.key) != first)
            #expect(try await session(Self.agent, website: "other") != first)
        }
    }

    @Test("a purchase by its plain name is an order, and what is wrong is told in Umami's form")
    func ordersAndFailures() async throws {
        try await CollectHarness.with { harness in
            func send(_ type: String, _ website: String, _ more: [String: JSONValue]) async throws
                -> CollectHarness.Reply
            {
                var payload: [String: JSONValue] = ["website": .string(website), "url": "/a"]
                payload.merge(more) { _, new in new }
                return try await harness.json(
                    "/api/send", ["type": .string(type), "payload": .object(payload)], [.userAgent: Self.agent])
            }
            let order: JSONValue = ["transaction_id": "o1", "revenue": 9.5, "currency": "CNY"]
            #expect(try await send("event", harness.key, ["name": "purchase", "data": order]).status == 200)
            #expect(try await harness.buyers() == [.init(orders: 1, spend: 950)])
            let unknown = try await send("dance", harness.key, [:])
            #expect(try unknown.status == 400 && unknown.json["error"]?["code"] == "unknown_type")
            #expect(try await send("event", "wrong", [:]).status == 401)
            #expect(try await harness.quarantined().count == 1)
        }
    }
}
