import Engine
import Foundation
import Testing

@testable import Web

/// Every definition that two people may edit at once: the second is told, sees both versions, and may insist.
@Suite("Two people edit the same definition")
struct ConflictTests {
    private struct Contest {
        /// What both opened, and where their forms go.
        var page: String
        var action: String
        /// What the first saves and the second sends; common to both is `always`.
        var always: [String: String] = [:]
        var first: [String: String]
        var second: [String: String]
        /// What the conflict page must mark of each.
        var marks: [String]
    }

    private func revision(_ page: String) throws -> String {
        String(try #require(page.firstMatch(of: /name="revision" value="([^"]*)"/)).1)
    }

    private func hold(_ contest: Contest, _ harness: ConsoleHarness) async throws {
        let ann = try await harness.signedIn(as: .admin)
        let bo = try await harness.signedIn(as: .admin, email: "bo@example.com")
        let seen = try revision(try await ann.get(contest.page).text)
        #expect(try revision(try await bo.get(contest.page).text) == seen)
        _ = try await ann.get("/account")
        _ = try await bo.get("/account")
        func fields(_ own: [String: String], _ revision: String) -> [String: String] {
            contest.always.merging(own) { $1 }.merging(["revision": revision]) { $1 }
        }
        let saved = try await ann.post(contest.action, fields(contest.first, seen))
        #expect(saved.status == 303, "\(contest.action): \(saved.status)")
        let told = try await bo.post(contest.action, fields(contest.second, seen))
        #expect(told.status == 409, "\(contest.action)")
        for mark in contest.marks { #expect(told.text.contains("<mark>\(mark)</mark>"), "\(contest.action): \(mark)") }
        // What was typed is not lost: the page carries it, and whoever insists may.
        let again = try revision(told.text)
        #expect(again != seen)
        for (name, value) in contest.second {
            #expect(told.text.contains("name=\"\(name)\" value=\"\(escaped(value))\""), "\(contest.action): \(name)")
        }
        #expect(try await bo.post(contest.action, fields(contest.second, again)).status == 303)
        // A form that names no version is not taken either.
        #expect(try await ann.post(contest.action, fields(contest.first, "")).status == 409)
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
    }

    @Test("an event name in the catalogue")
    func catalogueEvent() async throws {
        try await ConsoleHarness.with { harness in
            let now = harness.platform.effects.now()
            try await harness.platform.store.write {
                try Declare.event(Declare.EventDeclaration(name: "Tea Poured"), at: now, $0)
            }
            try await hold(
                Contest(
                    page: "/catalogue/event?name=Tea%20Poured", action: "/catalogue/events",
                    always: ["name": "Tea Poured"], first: ["description": "A cup"],
                    second: ["description": "A pot", "blocked": "1"], marks: ["A pot", "A cup", "Yes", "No"]), harness)
        }
    }

    @Test("a trait in the catalogue, also one that neither had seen before")
    func catalogueField() async throws {
        try await ConsoleHarness.with { harness in
            try await hold(
                Contest(
                    page: "/catalogue/field?owner=trait&name=", action: "/catalogue/fields",
                    always: ["owner": "trait", "name": "favourite_tea", "class": "behaviour"],
                    first: ["type": "string", "description": "Of them all"],
                    second: ["type": "integer", "personal": "1"],
                    marks: ["Text", "Whole number", "Of them all", "Yes"]), harness)
        }
    }

    @Test("the RFM method")
    func rfm() async throws {
        try await ConsoleHarness.with { harness in
            try await hold(
                Contest(
                    page: "/rfm?window=365", action: "/rfm/settings",
                    always: ["scoring": "quintiles", "rule": "mean", "monetary": "net_spend"],
                    first: ["window": "365"], second: ["window": "90"], marks: ["Last 90 days", "Last 365 days"]),
                harness)
        }
    }

    @Test("how long data is kept")
    func retention() async throws {
        try await ConsoleHarness.with { harness in
            try await hold(
                Contest(
                    page: "/settings/retention", action: "/settings/retention", always: ["receipt_days": "30"],
                    first: ["event_months": "24"], second: ["event_months": "36"], marks: ["36", "24"]), harness)
        }
    }

    @Test("single sign-on")
    func signOn() async throws {
        try await ConsoleHarness.with { harness in
            try await hold(
                Contest(
                    page: "/settings/sign-on", action: "/settings/sign-on",
                    always: ["issuer": "https://login.example.com", "client": "perennial", "domains": "example.com"],
                    first: ["newcomers": "viewer"], second: ["newcomers": "analyst", "role_claim": "groups"],
                    marks: ["groups"]), harness)
        }
    }

    @Test("what becomes of machines' hits")
    func traffic() async throws {
        try await ConsoleHarness.with { harness in
            try await harness.platform.store.write { [now = harness.platform.effects.now()] in
                try TrafficPolicy.apart.save(by: "test", $0, at: now)
            }
            let ann = try await harness.signedIn(as: .admin)
            let seen = try revision(try await ann.get("/traffic").text)
            #expect(try await ann.post("/traffic/policy", ["machines": "keep", "revision": seen]).status == 303)
            let told = try await ann.post("/traffic/policy", ["machines": "apart", "revision": seen])
            #expect(told.status == 409 && told.text.contains("<mark>"))
            #expect(try await harness.platform.store.read { try TrafficPolicy.load($0) } == .keep)
        }
    }

    @Test("a segment, with both definitions in words")
    func segment() async throws {
        try await ConsoleHarness.with { harness in
            let effects = harness.platform.effects
            func stage(_ word: String) -> String { #"{"version":1,"where":{"kind":"stage","values":["\#(word)"]}}"# }
            let draft = SegmentDraft(name: "Regulars", criteria: stage("maturity"))
            let id = try await harness.platform.store.write {
                try Segments.create(draft, effects: effects, $0).id
            }
            try await hold(
                Contest(
                    page: "/segments/\(id)/edit", action: "/segments/\(id)", always: ["description": ""],
                    first: ["name": "Regulars", "criteria": stage("growth")],
                    second: ["name": "Friends", "criteria": stage("decline")], marks: ["Friends", "Regulars"]), harness)
        }
    }
}
