import Engine
import Foundation
import Storage
import Testing

@testable import Web

@Suite("The command palette")
struct PaletteTests {
    @Test("it finds people by name and by identity, with where they stand")
    func people() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.collect(harness)
            let browser = try await harness.signedIn(as: .service)
            for asked in ["林梅", "mei@example.com", "u-77"] {
                let found = try await Self.people(asked, browser)
                #expect(found.count == 1, "\(asked)")
                #expect(found.first?["title"] == "林梅")
                #expect(found.first?["href"]?.stringValue?.hasPrefix("/people/") == true)
                let href = found.first?["href"]?.stringValue ?? ""
                #expect(try await browser.get(href).status == 200)
            }
        }
    }

    @Test("nobody is an answer, and so is a text that is too short, long, hostile or missing")
    func nobody() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.collect(harness)
            let browser = try await harness.signedIn(as: .viewer)
            let hostile = "</script><img src=x>'\"%_\\"
            for asked in ["nobody of this name", "u", " ", "", hostile, String(repeating: "茶", count: 2_000)] {
                #expect(try await Self.people(asked, browser).isEmpty, "\(asked.prefix(40))")
            }
            let bare = try await browser.get("/palette")
            #expect(bare.status == 200 && bare.headers[.contentType]?.hasPrefix("application/json") == true)
        }
    }

    @Test("names of people come as data that no page can run")
    func escaping() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.collect(harness, name: "<b>\"Ann\"</b>")
            let answer = try await harness.signedIn(as: .viewer).get("/palette?q=u-77")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            #expect(try JSONValue(parsing: answer.text)["people"]?[0]?["title"] == "<b>\"Ann\"</b>")
        }
    }

    @Test("it offers the pages and the actions of one's role, and no others")
    func places() async throws {
        try await ConsoleHarness.with { harness in
            for role in Role.allCases {
                let page = try await harness.signedIn(as: role).get("/account").text
                for action in PaletteAction.all(for: .admin, try Self.wording(harness)) {
                    let isOffered = page.contains("<a href=\"\(action.href)\" data-place=")
                    let route = try #require(
                        ConsoleCatalog.routes.first { $0.path == action.href.prefix { $0 != "#" } && !$0.changes })
                    #expect(!isOffered || role.may(route.permission), "\(role) \(action.href)")
                    #expect(isOffered || role != .admin, "\(action.href)")
                }
            }
        }
    }

    @Test("what it says is there in the page's language: that it searches, that nothing was found")
    func words() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .viewer)
            let english = try await browser.get("/account").text
            #expect(english.contains("Nothing is called “{text}”.") && english.contains("Searching …"))
            #expect(english.contains("class=\"palette-note\" role=\"status\""))
            _ = try await browser.post("/account/preferences", ["language": "zh-Hans"])
            #expect(try await browser.get("/account").text.contains("没有找到“{text}”。"))
        }
    }

    private static func people(_ asked: String, _ browser: Browser) async throws -> [JSONValue] {
        let answer = try await browser.get("/palette?q=\(Fields.encoded(asked))")
        #expect(answer.status == 200)
        guard case .array(let people)? = try JSONValue(parsing: answer.text)["people"] else { return [] }
        return people
    }

    private static func wording(_ harness: ConsoleHarness) throws -> Wording {
        let folder =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/Sources/Web/Strings/en"
        return Wording(catalogue: try StringCatalogue(language: "en", folder: folder), workspace: Workspace())
    }

    private static func collect(_ harness: ConsoleHarness, name: String = "林梅") async throws {
        let (effects, signal) = (harness.platform.effects, LogSignal())
        let source = try await harness.platform.store.write {
            try Sources.create(name: "Shop", kind: .server, by: "test", $0, effects).source.id
        }
        let event = IncomingEvent(
            kind: .identify, name: "Identify", messageID: "m1",
            identities: [
                IdentityClaim(kind: "user_id", value: "u-77"), IdentityClaim(kind: "email", value: "mei@example.com"),
            ],
            time: effects.now(), receivedAt: effects.now(), traits: JSONValue.object(["name": .string(name)]).text())
        try await Ingest(platform: harness.platform, signal: signal).append(
            IncomingBatch(sourceID: source, events: [event]))
        try await Processor(platform: harness.platform, signal: signal).catchUp()
    }
}
