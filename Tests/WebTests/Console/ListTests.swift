import Engine
import Foundation
import Storage
import Testing

@testable import Web

@Suite("The console's lists")
struct ListTests {
    /// Three people, of whom one bought.
    private static func people(_ harness: ConsoleHarness) async throws {
        let events = [("u1", "林梅", true), ("u2", "Ann <b>", false), ("u3", "Bo", true)].map { id, name, granted in
            IncomingEvent(
                kind: .identify, name: "Identify", messageID: id,
                identities: [IdentityClaim(kind: "user_id", value: id)], time: harness.platform.effects.now(),
                receivedAt: harness.platform.effects.now(),
                traits: JSONValue.object(["name": .string(name), "consent": ["sms": .bool(granted)]]).text())
        }
        let source = try await harness.platform.store.write { [effects = harness.platform.effects] in
            try Sources.create(name: "Shop", kind: .server, by: "test", $0, effects).source.id
        }
        let signal = LogSignal()
        let ingest = Ingest(platform: harness.platform, signal: signal)
        try await ingest.append(IncomingBatch(sourceID: source, events: events))
        try await Processor(platform: harness.platform, signal: signal).catchUp()
    }

    @Test("filters narrow the people, a bad one is told, and names are escaped")
    func filters() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.people(harness)
            let browser = try await harness.signedIn(as: .marketer)
            let all = try await browser.get("/people").text
            #expect(all.contains("林梅") && all.contains("Ann &lt;b&gt;") && !all.contains("Ann <b>"))
            let granted = try await browser.get("/people?consent_sms=granted").text
            #expect(granted.contains("林梅") && !granted.contains("Ann"))
            #expect(granted.contains("Consent SMS: Agreed"))
            let bad = try await browser.get("/people?first_from=yesterday&stage=moon")
            #expect(bad.status == 200 && bad.text.contains("Not understood, and passed over"))
            #expect(bad.text.contains("林梅"))
            let none = try await browser.get("/people?spend_from=10")
            #expect(none.text.contains("Nobody matches"))
            #expect(try await browser.get("/people?cursor=rubbish").status == 303)
        }
    }

    @Test("a person chooses columns, and only for themselves")
    func columns() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.people(harness)
            let browser = try await harness.signedIn(as: .marketer)
            let other = try await harness.signedIn(as: .viewer)
            #expect(try await browser.get("/people").text.contains("data-label=\"Last order\""))
            let saved = try await browser.post(
                "/lists/people/columns", ["column": "first_seen", "back": "/people?stage="])
            #expect(saved.status == 303 && saved.location == "/people?stage=")
            let chosen = try await browser.get("/people").text
            #expect(chosen.contains("data-label=\"First seen\"") && !chosen.contains("data-label=\"Last order\""))
            #expect(chosen.contains("data-label=\"Person\""))
            #expect(try await other.get("/people").text.contains("data-label=\"Last order\""))
            let abroad = try await browser.post("/lists/people/columns", ["usual": "1", "back": "//evil.example"])
            #expect(abroad.location == "/")
            #expect(try await browser.get("/people").text.contains("data-label=\"Last order\""))
        }
    }

    @Test("a view is kept, shared, and not written over unseen")
    func views() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.people(harness)
            let ann = try await harness.signedIn(as: .marketer)
            let bo = try await harness.signedIn(as: .analyst)
            _ = try await ann.get("/people?consent_sms=granted")
            let made = try await ann.post(
                "/lists/people/views", ["name": "Agreed", "query": "consent_sms=granted&cursor=1.2", "shared": "1"])
            #expect(made.location.hasSuffix("consent_sms=granted"))
            let id = String(try #require(made.location.firstMatch(of: /view=(\d+)/)).1)
            let seen = try await bo.get("/people?view=\(id)&consent_sms=refused").text
            #expect(seen.contains("Save changes to the view") && seen.contains(">Agreed<"))
            let first = try await bo.post(
                "/lists/people/views",
                ["view": id, "version": "1", "name": "Refused", "query": "consent_sms=refused", "shared": "1"])
            #expect(first.status == 303 && !first.location.contains("conflict"))
            let second = try await ann.post(
                "/lists/people/views", ["view": id, "version": "1", "name": "Agreed", "query": "", "shared": "1"])
            #expect(second.location.contains("conflict=1"))
            let told = try await ann.get(second.location).text
            #expect(told.contains("Somebody else changed “Refused”") && told.contains("name=\"version\" value=\"2\""))
            // A viewer may keep views, and not share them.
            let viewer = try await harness.signedIn(as: .viewer)
            _ = try await viewer.get("/people")
            _ = try await viewer.post("/lists/people/views", ["name": "Mine", "query": "", "shared": "1"])
            #expect(try await viewer.get("/people").text.contains(">Mine<"))
            #expect(try await !ann.get("/people").text.contains(">Mine<"))
            #expect(try await viewer.post("/lists/people/views/\(id)/remove", ["version": "2"]).status == 403)
        }
    }

    @Test("an export is its owner's alone, and holds what was selected")
    func exports() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.people(harness)
            let browser = try await harness.signedIn(as: .analyst)
            let page = try await browser.get("/people").text
            let id = String(try #require(page.firstMatch(of: /name="id" value="(\d+)" aria-label="林梅"/)).1)
            let asked = try await browser.post("/exports", ["list": "people", "id": id, "column": "name"])
            #expect(asked.status == 303 && asked.location == "/exports")
            _ = try await JobRunner(platform: harness.platform).drain()
            let list = try await browser.get("/exports").text
            let file = String(try #require(list.firstMatch(of: /href="(\/exports\/\d+\/file)"/)).1)
            let answer = try await browser.get(file)
            #expect(answer.status == 200 && answer.text == "\u{FEFF}name\r\n林梅\r\n")
            #expect(answer.headers[.contentDisposition]?.hasPrefix("attachment") == true)
            #expect(try await harness.signedIn(as: .admin).get(file).status == 404)
            #expect(try await harness.signedIn(as: .viewer).get(file).status == 403)
            let tray = try JSONValue(parsing: try await browser.get("/work").text)
            #expect(tray["work"]?[0]?["ready"] == true && tray["work"]?[0]?["href"] == .string(file))
            #expect(try JSONValue(parsing: try await harness.signedIn(as: .service).get("/work").text)["work"] == [])
        }
    }

    @Test("the table component is drawn like this")
    func snapshot() async throws {
        try await ConsoleHarness.with { harness in
            let page = try await harness.signedIn(as: .viewer).get("/console/design").text
            let start = try #require(page.range(of: "<tbody>\n<tr class=\"link-row\" data-href=\"#one\""))
            let end = try #require(page[start.lowerBound...].range(of: "</tr>"))
            #expect(
                String(page[start.upperBound..<end.lowerBound])
                    == """
                     id="row-1"><td class="tick"><input type="checkbox" name="id" value="1" aria-label="林梅"></td>\
                    <td class="" data-label="Person"><span class="cell-person"><span class="avatar" aria-hidden="true">林</span>\
                    <span><a class="clip" href="#one">林梅 &lt;3</a><span class="tiny soft note">Known</span></span>\
                    </span></td><td class="nowrap" data-label="Stage"><span class="dot dot-growth"></span> Growth</td>\
                    <td class="strong num" data-label="Spend">¥1,280.00</td><td class="" data-label="State">\
                    <span class="chip chip-good">Done</span></td>
                    """)
        }
    }
}
