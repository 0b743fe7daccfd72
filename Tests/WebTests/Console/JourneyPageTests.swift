import Engine
import Foundation
import Storage
import Testing

@testable import Web

@Suite("Journey pages") struct JourneyPageTests {
    private let definition = """
        {"version":1,"entry":{"kind":"api"},"reentry":{"kind":"never"},"steps":[
        {"id":"w","kind":"wait","amount":2,"unit":"days"},
        {"id":"s","kind":"split","paths":[{"name":"Left","weight":1,"steps":[{"id":"g","kind":"goal"}]},
        {"name":"Right","weight":1,"steps":[]}]}]}
        """

    @Test("a journey is drawn, published, shown with its people, paused and ended")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            #expect(try await browser.get("/journeys").text.contains("No journeys yet"))
            let form = try await browser.get("/journeys/new")
            #expect(form.text.contains("data-journey") && form.text.contains("wait_event"))
            let wrong = try await browser.post("/journeys", ["name": "", "definition": definition])
            #expect(wrong.status == 422 && wrong.text.contains("Give the journey a name"))
            let broken = try await browser.post("/journeys", ["name": "Hello", "definition": "{}"])
            #expect(broken.status == 422 && broken.text.contains("entry"))
            let made = try await browser.post("/journeys", ["name": "Hello", "definition": definition])
            let path = made.location
            let page = try await browser.get(path)
            #expect(page.text.contains("Wait 2 days") && page.text.contains("Left") && page.text.contains("Draft"))
            #expect(try await browser.get(path + "/edit").text.contains("&quot;split&quot;"))
            let dry = try await browser.get(path + "/dry-run?days=3")
            #expect(dry.status == 200 && dry.text.contains("Entries") && !dry.text.contains("What it would have cost"))
            let ready = try await browser.get(path + "/publish")
            #expect(ready.text.contains("Nobody is on their way"))
            #expect(try await browser.post(path + "/publish").location == path)
            #expect(try await browser.get(path).text.contains("Live"))
            #expect(try await browser.get(path + "/runs").text.contains("Nobody here"))
            #expect(try await browser.post(path + "/pause").location == path)
            #expect(try await browser.get(path).text.contains("Paused"))
            let twice = try await browser.post(path + "/pause")
            #expect(twice.status == 409 && twice.text.contains("not possible"))
            #expect(try await browser.post(path + "/resume", ["catch_up": "keep"]).location == path)
            #expect(try await browser.post(path + "/end", ["people": "leave"]).location == path)
            #expect(try await browser.post(path + "/delete").location == "/journeys")
            #expect(try await browser.get(path).status == 404)
        }
    }

    @Test("an incomplete draft is kept, and says what is missing and where, before it is published or tried")
    func unfinished() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let half = definition.replacingOccurrences(of: "\"amount\":2,", with: "")
            _ = try await browser.get("/journeys/new")
            let made = try await browser.post("/journeys", ["name": "Hello", "definition": half])
            let path = made.location
            #expect(path.hasPrefix("/journeys/") && !path.hasSuffix("/new"))
            let page = try await browser.get(path).text
            #expect(
                page.contains("not complete yet") && page.contains("Not complete yet") && !page.contains("Wait 1")
                    && page.contains("href=\"\(path)/edit#node-w\""))
            #expect(try await browser.get("/journeys").text.contains("Hello"))
            #expect(try await browser.get(path + "/edit").text.contains("&quot;split&quot;"))
            let publish = try await browser.get(path + "/publish").text
            #expect(publish.contains("cannot work like this") && publish.contains("edit#node-w"))
            let refused = try await browser.post(path + "/publish")
            #expect(refused.status == 422 && refused.text.contains("edit#node-w"))
            #expect(try await browser.get(path + "/dry-run?days=3").text.contains("cannot work like this"))
            #expect(try await browser.post(path, ["name": "Hello", "definition": definition]).location == path)
            #expect(try await !browser.get(path).text.contains("not complete yet"))
        }
    }

    @Test("a run tells the time at which it began, and a journey without a goal none that was reached")
    func sayings() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let aimless = definition.replacingOccurrences(of: "\"kind\":\"goal\"", with: "\"kind\":\"exit\"")
            _ = try await browser.get("/journeys/new")
            let path = try await browser.post("/journeys", ["name": "Hello", "definition": aimless]).location
            #expect(try await browser.post(path + "/publish").location == path)
            let page = try await browser.get(path).text
            #expect(page.contains("no goal is set") && !page.contains(">0.0%<"))
            let aimed = try await browser.post("/journeys", ["name": "Aimed", "definition": definition]).location
            #expect(try await browser.post(aimed + "/publish").location == aimed)
            #expect(try await !browser.get(aimed).text.contains("no goal is set"))
            let id = try #require(Int64(path.split(separator: "/").last ?? ""))
            let (run, moment) = (harness.platform.effects.newID(), harness.platform.effects.now())
            try await harness.platform.store.write { connection in
                try PreferenceWorld.put(Profile(id: 7, at: moment, createdAt: moment, sourceID: 1), connection)
                try connection.execute(
                    """
                    INSERT INTO journey_runs (id, journey_id, version_id, profile_id, entry_key, status, ending, node, visit,
                        is_waiting, arrived_ms, seen, fence, entered_ms, entry_values, error, attempts)
                    SELECT \(run), journey_id, id, 7, 'k', 'active', '', 'w', 1, 1, 0, 0, 0, 1790000000000, '{}', '', 0
                    FROM journey_versions WHERE journey_id = \(id) AND status = 'published'
                    """)
            }
            let came = "21 Sep 2026 22:13"
            #expect(try await browser.get(path + "/runs").text.contains(came))
            #expect(try await browser.get(path + "/runs/\(run)").text.contains(came))
        }
    }

    @Test("the editor is told each card in words and what is wrong; playbooks make drafts; readers may only look")
    func editing() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            _ = try await browser.get("/journeys/new")
            let told = try await browser.post("/journeys/preview", ["definition": definition])
            #expect(told.text.contains("\"w\":\"Wait 2 days\"") && told.text.contains("\"issues\":[]"))
            let wrong = try await browser.post(
                "/journeys/preview",
                ["definition": definition.replacingOccurrences(of: "\"amount\":2", with: "\"amount\":0")])
            #expect(wrong.text.contains("\"node\":\"w\""))
            let books = try await browser.get("/journeys/playbooks")
            #expect(books.text.contains("Abandoned cart") && books.text.contains("Birthday"))
            let begun = try await browser.post("/journeys/playbooks", ["code": "abandoned_cart"])
            let path = begun.location
            #expect(try await browser.get(path).text.contains("Abandoned cart"))
            #expect(try await browser.post("/journeys/playbooks", ["code": "nothing"]).status == 404)
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await viewer.get("/journeys").status == 200)
            #expect(try await viewer.get("/journeys/new").status == 403)
        }
    }
}
