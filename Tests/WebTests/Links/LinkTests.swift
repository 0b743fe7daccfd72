import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite("Channel codes") struct LinkTests {
    private func make(_ harness: CollectHarness, _ more: [String: JSONValue] = [:]) async throws -> CollectHarness.Reply
    {
        var body: [String: JSONValue] = [
            "name": "Entrance", "kind": "store", "owner": "West Lake", "target": "https://shop.example.com/w?a=1#top",
            "campaign": ["source": "poster", "medium": "offline", "name": "双11"],
        ]
        body.merge(more) { _, new in new }
        return try await harness.api(.post, "/api/v1/channel-codes", .object(body))
    }

    private func allow(_ host: String, _ harness: CollectHarness) async throws -> Int {
        try await harness.api(.post, "/api/v1/channel-targets", ["host": .string(host)]).status
    }

    @Test("a scan leads to the target with code and campaign, and is an event that names where it came from")
    func scan() async throws {
        try await CollectHarness.with { harness in
            #expect(try await allow("shop.example.com", harness) == 200)
            let made = try await make(harness)
            #expect(made.status == 201)
            let code = try #require(try made.json["code"]?.stringValue)
            #expect(code.count == 7)
            let reply = try await harness.send(.get, "/q/\(code)", [.userAgent: "Mozilla/5.0 (iPhone) Mobile"])
            #expect(reply.status == 302)
            #expect(
                reply.headers[.location] == "https://shop.example.com/w?a=1&pn_code=\(code)&utm_source=poster"
                    + "&utm_medium=offline&utm_campaign=%E5%8F%8C11#top")
            let cookie = try #require(reply.headers[.setCookie])
            #expect(cookie.hasPrefix("pn_id=") && cookie.contains("SameSite=Lax"))
            let id = String(cookie.dropFirst("pn_id=".count).prefix { $0 != ";" })
            let again = try await harness.send(.get, "/q/\(code)", [.cookie: "x=1; pn_id=\(id)"])
            #expect(again.status == 302 && again.headers[.setCookie] == nil)
            let events = try await harness.logged()
            #expect(events.map(\.name) == ["Channel Code Scanned", "Channel Code Scanned"])
            #expect(events.allSatisfy { $0.identities == ["anonymous_id", id] })
            #expect(events[0].traits["first_channel_owner"] == "West Lake" && events[0].operation == "set_once")
            #expect(events[0].context["channelCode"] == .string(code))
            #expect(events[0].context["client"]?["device"] == "phone")
            #expect(try await harness.people() == 1)
        }
    }

    @Test("only allowed hosts are led to, also after a code was made")
    func targets() async throws {
        try await CollectHarness.with { harness in
            let refused = try await make(harness)
            #expect(try refused.status == 422 && refused.code == "target_not_allowed")
            #expect(try await allow(".example.com", harness) == 200)
            let code = try #require(try await make(harness).json["code"]?.stringValue)
            for (target, problem) in [
                ("https://shop.example.com@evil.example/", "bad_target"), ("javascript:alert(1)", "bad_target"),
                ("//shop.example.com", "bad_target"), ("https://example.com.evil.example/", "target_not_allowed"),
                ("https://evilexample.com/", "target_not_allowed"),
                ("https://shop.example.com\\@evil.example", "bad_target"),
            ] {
                let reply = try await make(harness, ["target": .string(target)])
                #expect(try reply.status == 422 && reply.code == problem, "\(target)")
            }
            #expect(try await harness.api(.delete, "/api/v1/channel-targets/.example.com").status == 200)
            #expect(try await harness.send(.get, "/q/\(code)").status == 403)
            #expect(try await allow("no host", harness) == 422)
        }
    }

    @Test("codes of one's own are unique for ever, and archived ones lead nowhere")
    func codes() async throws {
        try await CollectHarness.with { harness in
            _ = try await allow("shop.example.com", harness)
            let made = try await make(harness, ["code": "west-lake"])
            let id = try #require(try made.json["id"]?.stringValue)
            #expect(try await make(harness, ["code": "west-lake"]).code == "code_taken")
            #expect(try await make(harness, ["code": "a b"]).code == "bad_code")
            #expect(try await harness.api(.delete, "/api/v1/channel-codes/\(id)").status == 200)
            #expect(try await harness.send(.get, "/q/west-lake").status == 404)
            #expect(try await make(harness, ["code": "west-lake"]).code == "code_taken")
            #expect(try await harness.api(.get, "/api/v1/channel-codes").json["items"]?.arrayValue?.count == 1)
            #expect(try await harness.send(.get, "/q/" + String(repeating: "x", count: 500)).status == 404)
        }
    }

    @Test("who looks ahead is sent on and counted apart; who asks for privacy gets no cookie")
    func visitors() async throws {
        try await CollectHarness.with { harness in
            _ = try await allow("shop.example.com", harness)
            _ = try await make(harness, ["code": "poster"])
            var ahead = HTTPFields()
            ahead[try #require(HTTPField.Name("Purpose"))] = "prefetch"
            #expect(try await harness.send(.get, "/q/poster", ahead).status == 302)
            #expect(try await harness.send(.head, "/q/poster").status == 302)
            #expect(try await harness.logged().isEmpty)
            var quiet = HTTPFields()
            quiet[try #require(HTTPField.Name("Sec-GPC"))] = "1"
            let reply = try await harness.send(.get, "/q/poster", quiet)
            #expect(reply.status == 302 && reply.headers[.setCookie] == nil)
            #expect(try await harness.logged().count == 1)
            let filtered = try await harness.api(.get, "/api/v1/traffic/filtered").json["items"]
            #expect(filtered?[0]?["reason"] == "prefetch" && filtered?[0]?["hits"] == 1)
        }
    }

    @Test("a QR code holds the link, with its quiet zone")
    func picture() throws {
        let code = try #require(QRCode("https://perennial.example/q/abc1234"))
        #expect(code.size == 29 && code.side == 37 && code.path.hasPrefix("M4 4h1v1h-1z"))
        #expect(QRCode(String(repeating: "x", count: 5_000)) == nil)
    }
}
