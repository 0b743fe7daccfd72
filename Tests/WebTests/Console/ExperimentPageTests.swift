import Engine
import Storage
import Testing

@testable import Web

@Suite("Experiment pages") struct ExperimentPageTests {
    private static let form = [
        "name": "Free shipping", "hypothesis": "More will buy", "key_0": "control", "key_1": "free", "weight_1": "1",
        "kind_p": "converted", "event_p": "Order Completed", "window_p": "14", "kind_g0": "revenue",
        "window_g0": "30", "rule": "fixed", "confidence": "95", "planned": "1000", "pre_days": "14",
    ]

    @Test("an experiment is written, started, stopped and decided with reasons")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/experiments").text.contains("No experiments yet"))
            #expect(try await browser.get("/experiments/new").text.contains("name=\"kind_p\""))
            let wrong = try await browser.post("/experiments", Self.form.merging(["event_p": ""]) { $1 })
            #expect(wrong.status == 422 && wrong.text.contains("primary metric needs an event"))
            #expect(wrong.text.contains("More will buy"))
            let made = try await browser.post("/experiments", Self.form)
            #expect(made.status == 303)
            let path = made.location
            let draft = try await browser.get(path).text
            #expect(draft.contains("net revenue within 30 days") && draft.contains("1,000 people of each variant"))
            #expect(try await browser.get(path + "/edit").text.contains("value=\"Order Completed\""))
            #expect(try await browser.post(path + "/steps", ["state": "running"]).status == 303)
            #expect(try await browser.post(path + "/delete").status == 409)
            #expect(try await browser.post(path + "/steps", ["state": "stopped", "reason": " "]).status == 409)
            #expect(try await browser.post(path + "/steps", ["state": "stopped", "reason": "enough"]).status == 303)
            let decided = try await browser.post(
                path + "/steps", ["state": "decided", "reason": "it won", "variant": "free"])
            #expect(decided.status == 303)
            let page = try await browser.get(path).text
            #expect(page.contains("“free” stays") && page.contains("it won"))
            #expect(try await browser.get("/experiments").text.contains("Free shipping"))
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await viewer.get(path).status == 200)
            #expect(try await viewer.get("/experiments/new").status == 403)
        }
    }

    @Test("while nobody has come in, the page says how people do, and links there")
    func entering() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            _ = try await browser.get("/experiments/new")
            let path = try await browser.post("/experiments", Self.form).location
            #expect(try await browser.get(path).text.contains("Nobody comes in before it is started."))
            #expect(try await browser.post(path + "/steps", ["state": "running"]).status == 303)
            let lonely = try await browser.get(path).text
            #expect(lonely.contains("Nobody has come in yet.") && lonely.contains("No published journey"))
            #expect(lonely.contains("POST /api/v1\(path)/assignments") && lonely.contains("href=\"/api/docs\""))
            let id = try #require(path.split(separator: "/").last)
            let definition = """
                {"version":1,"entry":{"kind":"api"},"reentry":{"kind":"never"},"steps":[
                {"id":"x","kind":"experiment","experiment":"\(id)","paths":[{"name":"Free","variant":"free","steps":[]}]}]}
                """
            let journey = try await browser.post("/journeys", ["name": "Tea time", "definition": definition]).location
            #expect(try await browser.post(journey + "/publish").location == journey)
            #expect(try await browser.get(path).text.contains("<a href=\"\(journey)\">Tea time</a>"))
            let ann = try await PointsPageTests.person("ann", harness)
            let effects = harness.platform.effects
            let number = try #require(Int64(id))
            try await harness.platform.store.write { connection in
                _ = try Exposures.expose(number, [ann], effects, connection)
            }
            #expect(try await !browser.get(path).text.contains("Nobody has come in yet."))
        }
    }

    @Test("the calculator reckons, and the holdout says who is in it")
    func sizeAndHoldout() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            let size = try await browser.get("/experiments/size?baseline=5&lift=10&weekly=10000&looks=4")
            #expect(size.text.contains("31,234") && size.text.contains("62,468") && size.text.contains("2.043"))
            #expect(try await browser.get("/experiments/size?baseline=0&lift=10").status == 422)
            #expect(try await browser.get("/experiments/holdout").status == 200)
            #expect(try await browser.post("/experiments/holdout", ["share": "many"]).status == 422)
            #expect(try await browser.post("/experiments/holdout", ["share": "50"]).status == 303)
            let ann = try await PointsPageTests.person("ann", harness)
            let isHeldOut = try await harness.platform.store.read { try Experiments.isHeldOut(ann, $0) }
            let panel = try await browser.get("/people/\(ann)/experiments").text
            #expect(panel.contains("Held out") == isHeldOut)
        }
    }

    @Test("a mark survives its address")
    func mark() {
        for people in [
            ExperimentPeople(7, variant: "free"),
            ExperimentPeople(7, variant: "free", metric: "guardrail_0", dimension: "stage", group: "growth"),
        ] {
            let query = Fields(encoded: MarkAddress.href(.experiment(people)).dropFirst("/behind?".count))
            #expect(MarkAddress.mark(query, saved: RFMSettings()) == .experiment(people))
        }
    }
}
