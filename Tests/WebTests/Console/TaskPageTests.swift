import Engine
import Foundation
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Pages of tasks, costs and what was written to a person") struct TaskPageTests {
    private let definition = """
        {"version":1,"entry":{"kind":"api"},"reentry":{"kind":"never"},"steps":[
        {"id":"call","kind":"task","title":"Call them","role":"service","amount":2,"unit":"days","paths":[
        {"name":"Reached","answer":"done","steps":[]}]}]}
        """

    private static func person(_ harness: ConsoleHarness) async throws {
        let now = harness.platform.effects.now()
        try await harness.platform.store.write {
            try PreferenceWorld.put(Profile(id: 7, at: now, createdAt: now, sourceID: 1), $0)
        }
    }

    @Test("a task is listed, done with a note, and gone from the list; a publishing is taken back")
    func tasks() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.person(harness)
            let browser = try await harness.signedIn(as: .admin)
            #expect(try await browser.get("/tasks").text.contains("Nothing to do"))
            let path = try await browser.post("/journeys", ["name": "Care", "definition": definition]).location
            _ = try await browser.post(path + "/publish")
            let id = try #require(Int64(path.split(separator: "/").last ?? ""))
            let platform = harness.platform
            _ = try await platform.store.write {
                try Journeys.enter(id, profile: 7, key: "1", values: [:], effects: platform.effects, $0)
            }
            try await JourneyService(platform: platform).catchUp()
            let page = try await browser.get("/tasks?view=open").text
            #expect(page.contains("Call them") && page.contains("Care"))
            #expect(try await browser.get("/tasks?view=mine").text.contains("Nothing to do"))
            let task = try #require(
                try await platform.store.read { try StaffTasks.list(StaffTasks.Filter(), limit: 1, $0) }.first)
            let closure = "/tasks/\(task.id)/closure"
            let closed = try await browser.post(closure, ["state": "done", "note": "reached", "view": "open"])
            #expect(closed.status == 303 && closed.location == "/tasks?view=open")
            #expect(try await browser.get("/tasks?view=withdrawn").text.contains("None here"))
            let twice = try await browser.post(closure, ["state": "skipped"])
            #expect(twice.status == 409 && twice.text.contains("closed meanwhile"))
            #expect(try await browser.get("/tasks?view=done").text.contains("reached"))
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await viewer.post(closure, ["state": "done"]).status == 403)

            #expect(try await !browser.get(path).text.contains("Take it back"))
            let changed = definition.replacingOccurrences(of: "Call them", with: "Write to them")
            _ = try await browser.get(path + "/edit")
            _ = try await browser.post(path, ["name": "Care", "definition": changed])
            _ = try await browser.post(path + "/publish", ["people": "stay"])
            #expect(try await browser.get(path).text.contains("Take it back"))
            #expect(try await browser.post(path + "/undo").location == path)
            let back = try await browser.get(path).text
            #expect(back.contains("Call them") && !back.contains("Take it back"))
        }
    }

    @Test("a person's page tells what was written, and why not")
    func person() async throws {
        try await ConsoleHarness.with { harness in
            try await Self.person(harness)
            let browser = try await harness.signedIn(as: .admin)
            #expect(try await browser.get("/people/7/messages").text.contains("Nothing was written to this person yet"))
            let platform = harness.platform
            let now = platform.effects.now()
            let template = try await platform.store.write { connection in
                let content = TemplateContent(variants: [TemplateContent.Variant(subject: "Hello", body: "Hi")])
                let made = try MessageTemplates.create(
                    MessageTemplate.Draft(name: "Note", channel: "inbox", content: content), by: "test",
                    platform.effects,
                    connection)
                return try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
            }
            let why = try await browser.get("/people/7/why?template=\(template)").text
            #expect(why.contains("said nothing") && why.contains("in 1 day"))
            #expect(try await browser.get("/people/7/why").status == 404)
            _ = try await platform.store.write {
                try MessageReplies.receive(
                    MessageReply.Incoming(key: "1", channel: "inbox", profileID: 7, text: "Yes please", at: now),
                    platform.effects, $0)
            }
            let panel = try await browser.get("/people/7/messages").text
            #expect(panel.contains("Yes please") && panel.contains("Note"))
        }
    }

    @Test("costs of messages and their age are kept, and refused when they are none")
    func settings() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            _ = try await browser.get("/sending/costs")
            #expect(try await browser.post("/sending/costs", ["cost_email": "0.045", "cost_inbox": ""]).status == 303)
            #expect(try await browser.get("/sending/costs").text.contains("value=\"0.045\""))
            let kept = try await harness.platform.store.read { try ReachCosts.load($0) }
            #expect(kept.perThousand == ["email": 4_500])
            let dear = try await browser.post("/sending/costs", ["cost_email": "1000.01"])
            #expect(dear.status == 422)
            let wrong = try await browser.post("/sending/costs", ["cost_email": "0.000001"])
            #expect(wrong.status == 422 && wrong.text.contains("value=\"0.000001\""))
            let form = try await browser.get("/settings/retention").text
            let found = form.firstMatch(of: /name="revision" value="([^"]*)"/)
            let revision = try #require(found.map { String($0.1) })
            let days = ["receipt_days": "30", "message_days": "61", "revision": revision]
            let short = try await browser.post("/settings/retention", days)
            #expect(short.status == 422 && short.text.contains("62 to 3,650"))
            #expect(
                try await browser.post("/settings/retention", days.merging(["message_days": "400"]) { $1 }).status
                    == 303)
            #expect(try await browser.get("/settings/retention").text.contains("value=\"400\""))
        }
    }
}
