import Engine
import Foundation
import TestSupport
import Testing

@testable import Web

@Suite("Segment pages") struct SegmentPageTests {
    @Test("a segment is written, shown, kept when something is wrong, and deleted")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/segments").text.contains("No segments yet"))
            let blank = try await browser.get("/segments/new")
            #expect(blank.status == 200 && blank.text.contains("data-offer"))
            let wrong = try await browser.post(
                "/segments", ["name": "Half", "kind": "dynamic", "criteria": #"{"where":{"kind":"trait","is":"set"}}"#])
            #expect(wrong.status == 422)
            #expect(wrong.text.contains("Enter a trait") && wrong.text.contains("Half"))
            let unknown =
                #"{"where":{"kind":"all","of":[{"kind":"stage","values":["growth"]},{"kind":"stage","values":["x"]}]}}"#
            let told = try await browser.post("/segments", ["name": "Half", "kind": "dynamic", "criteria": unknown])
            #expect(told.text.contains("Condition 2 “Lifecycle stage”, values: ") && !told.text.contains(">where."))
            let made = try await browser.post(
                "/segments",
                [
                    "name": "Growing", "kind": "dynamic",
                    "criteria": #"{"where":{"kind":"stage","values":["growth"]}}"#,
                ])
            #expect(made.status == 303)
            let page = try await browser.get(made.location)
            #expect(page.text.contains("is in growth") && page.text.contains("Being filled"))
            // The page looks again by itself until its people are there.
            #expect(page.text.contains("/standing\" hx-trigger=\"every 2s"))
            let standing = try await browser.get(made.location + "/standing")
            #expect(standing.text.contains("Being filled") && !standing.text.contains("hx-swap-oob"))
            let list = try await browser.post("/segments", ["name": "By hand", "kind": "static", "criteria": ""])
            #expect(try await !browser.get(list.location).text.contains("every 2s"))
            let filled = try await browser.get(list.location + "/standing").text
            #expect(!filled.contains("every 2s") && filled.contains("id=\"segment-people\" hx-swap-oob"))
            #expect(filled.firstMatch(of: /id="segment-growth"[^>]* hidden>/) != nil)
            // So does the list, and the look at which all are there brings the growth along.
            let looksAgain = "hx-get=\"/segments\" hx-trigger=\"every 2s\" hx-select=\"#segment-list\""
            #expect(try await browser.get("/segments").text.contains(looksAgain))
            try await harness.platform.store.write { connection in
                try connection.execute("UPDATE segments SET status = 'live'")
                try connection.execute(
                    "INSERT INTO segment_days (segment_id, day, size) SELECT id, 20000, 3 FROM segments")
            }
            #expect(try await !browser.get("/segments").text.contains("every 2s"))
            let grown = try await browser.get(made.location + "/standing").text
            #expect(grown.firstMatch(of: /id="segment-growth"[^>]* hx-swap-oob="true">/) != nil)
            #expect(grown.contains("data-chart"))
            #expect(try await browser.get(made.location + "/people").text.contains("Nobody is in it"))
            #expect(try await browser.get(made.location + "/edit").text.contains("growth"))
            #expect(try await browser.get("/segments").text.contains("Growing"))
            let export = try await browser.get(made.location + "/export")
            #expect(export.text.hasPrefix("profile_id,name"))
            let hashed = try await browser.get(made.location + "/export?form=hashed")
            #expect(hashed.text == "email_sha256,phone_e164_sha256,phone_digits_sha256,phone_cn_sha256\r\n")
            #expect(try await browser.get("/segments/overlap").status == 200)
            #expect(try await browser.post(made.location + "/delete").location == "/segments")
            #expect(try await browser.get(made.location).status == 404)
        }
    }

    @Test("while one writes, what contradicts itself is told beside the count, in the page's language")
    func contradictions() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let browser = try await harness.signedIn(as: .marketer)
                #expect(try await browser.get("/segments/new").text.contains("data-warnings"))
                let odd =
                    #"{"where":{"kind":"all","of":[{"kind":"stage","values":["growth"]},"#
                    + #"{"kind":"not","of":{"kind":"stage","values":["growth"]}}]}}"#
                let answer = try JSONValue(parsing: try await browser.post("/segments/preview", ["criteria": odd]).text)
                #expect(answer["people"] == "0" && answer["warnings"]?[0]?["path"] == "where.of[1]")
                #expect(answer["warnings"]?[0]?["text"]?.stringValue?.contains("is in growth") == true)
                let made = try await browser.post("/segments", ["name": "Odd", "kind": "dynamic", "criteria": odd])
                #expect(made.status == 303)
            }
        }
    }
}
