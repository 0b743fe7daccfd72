import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Console: the list of messages") struct MessagesPageTests {
    /// Two messages to one person, of a broadcast and of the API, that both failed. Returns their ids.
    private static func failed(_ harness: ConsoleHarness) async throws -> [Int64] {
        let (effects, now) = (harness.platform.effects, harness.platform.effects.now())
        return try await harness.platform.store.write { connection in
            try PreferenceWorld.put(Profile(id: 7, at: now, createdAt: now, sourceID: 1), connection)
            let content = TemplateContent(variants: [TemplateContent.Variant(subject: "Hello", body: "Hi")])
            let made = try MessageTemplates.create(
                MessageTemplate.Draft(name: "Note", channel: "inbox", content: content), by: "test", effects,
                connection)
            let template = try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
            let ids = try Messages.plan(
                [
                    MessagePlan(key: "a", profileID: 7, templateID: template, origin: .broadcast(5), due: now),
                    MessagePlan(key: "b", profileID: 7, templateID: template, origin: .api, due: now),
                ], at: now, connection)
            try connection.execute("UPDATE messages SET state = 'failed'")
            return ids
        }
    }

    @Test("choosing a state keeps what else narrows the list")
    func keeps() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let whole = try await browser.get("/messages").text
            #expect(!whole.contains("Clear filters") && !whole.contains("type=\"hidden\" name=\"journey\""))
            let page = try await browser.get("/messages?journey=5&node=ask&reached=sent&reason=expired&state=sent").text
            for (name, value) in [("journey", "5"), ("node", "ask"), ("reached", "sent"), ("reason", "expired")] {
                #expect(page.contains("<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"), "\(name)")
            }
            #expect(!page.contains("type=\"hidden\" name=\"state\"") && page.contains("Clear filters"))
            #expect(try await browser.get("/messages?broadcast=5").text.contains("name=\"broadcast\" value=\"5\""))
        }
    }

    @Test("sending again what failed is about what the list shows")
    func replays() async throws {
        try await ConsoleHarness.with { harness in
            let ids = try await Self.failed(harness)
            let browser = try await harness.signedIn(as: .admin)
            let page = try await browser.get("/messages?broadcast=5&state=failed").text
            #expect(page.contains("/messages/replay"))
            let done = try await browser.post("/messages/replay", ["broadcast": "5", "state": "failed"])
            #expect(done.location == "/messages?broadcast=5")
            let states = try await harness.platform.store.read { connection in
                try ids.map { try MessageList.get($0, connection).state }
            }
            #expect(states == [.planned, .failed])
            // One that was put off says when it was to leave at first.
            let later = harness.platform.effects.now().milliseconds + 86_400_000
            _ = try await harness.platform.store.write {
                try $0.execute("UPDATE messages SET due_ms = \(later) WHERE state = 'planned'")
            }
            #expect(try await browser.get("/messages?broadcast=5").text.contains("First due "))
        }
    }
}
