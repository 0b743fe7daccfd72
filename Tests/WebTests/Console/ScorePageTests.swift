import Engine
import Foundation
import Testing

@testable import Web

@Suite("Score pages") struct ScorePageTests {
    @Test("a model is written, shown, kept when something is wrong, and deleted")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/scores").text.contains("No models yet"))
            #expect(try await browser.get("/scores/new").text.contains("data-score"))
            let wrong = try await browser.post("/scores", ["name": "Half", "definition": #"{"rules":[]}"#])
            #expect(wrong.status == 422 && wrong.text.contains("Half") && !wrong.text.contains("model.rules"))
            let spend = #"{"rules":[{"id":"a","kind":"amount","points":1}]}"#
            let unsaid = try await browser.post("/scores", ["name": "Half", "definition": spend]).text
            #expect(unsaid.contains("Rule 1 “") && !unsaid.contains("Out of range"))
            let made = try await browser.post(
                "/scores",
                [
                    "name": "Heat",
                    "definition": #"{"half_life_days":30,"rules":[{"id":"o","kind":"order","points":30}]}"#,
                ])
            #expect(made.status == 303)
            let page = try await browser.get(made.location)
            #expect(page.text.contains("each order") && page.text.contains("after 30 days"))
            #expect(page.text.contains("Being filled") && page.text.contains("/standing\" hx-trigger=\"every 2s"))
            #expect(try await !browser.get(made.location + "/standing").text.contains("hx-swap-oob"))
            #expect(try await browser.get("/scores").text.contains("hx-get=\"/scores\" hx-trigger=\"every 2s\""))
            try await harness.platform.store.write { _ = try $0.execute("UPDATE score_models SET status = 'live'") }
            #expect(try await !browser.get("/scores").text.contains("every 2s"))
            // The look at which all are weighed tells the rest of the page anew, and is the last.
            let filled = try await browser.get(made.location + "/standing").text
            #expect(!filled.contains("every 2s") && filled.contains("hx-swap-oob"))
            #expect(filled.contains("id=\"score-top\""))
            #expect(try await browser.get(made.location + "/effect").text.contains("Too little happened"))
            #expect(try await browser.get(made.location + "/edit").text.contains("Heat"))
            #expect(try await browser.get("/scores").text.contains("Heat"))
            #expect(try await browser.post(made.location + "/delete").location == "/scores")
            #expect(try await browser.get(made.location).status == 404)
        }
    }

    @Test("points are written with at most two decimals")
    func points() {
        #expect(ScoreWords.points(12_500) == "12.5" && ScoreWords.points(-1_000) == "−1")
        #expect(ScoreWords.points(3_004) == "3" && ScoreWords.points(3_046) == "3.05" && ScoreWords.points(0) == "0")
        #expect(ScoreWords.points(999_996) == "1000")
    }
}
