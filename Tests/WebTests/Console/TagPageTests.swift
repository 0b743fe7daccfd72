import Engine
import Foundation
import Testing

@testable import Web

@Suite("Tag pages") struct TagPageTests {
    @Test("a tag is written, shown in its tree, kept when something is wrong, merged and deleted")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/tags").text.contains("No tags yet"))
            #expect(try await browser.get("/tags/new").text.contains("data-criteria"))
            let wrong = try await browser.post("/tags", ["name": "a/b", "kind": "manual", "colour": "red"])
            #expect(wrong.status == 422 && wrong.text.contains("a/b"))
            let made = try await browser.post("/tags", ["name": "Gold", "kind": "manual", "colour": "orange"])
            #expect(made.status == 303)
            let page = try await browser.get(made.location)
            #expect(page.text.contains("hue-orange") && page.text.contains("Gold"))
            #expect(try await browser.get(made.location + "/people").text.contains("Nobody has it"))
            let id = made.location.split(separator: "/").last.map(String.init) ?? ""
            let ruled = try await browser.post(
                "/tags",
                [
                    "name": "Growing", "kind": "rule", "parent": id, "colour": "green",
                    "criteria": #"{"where":{"kind":"stage","values":["growth"]}}"#,
                ])
            #expect(try await browser.get(ruled.location).text.contains("is in growth"))
            #expect(try await browser.get(ruled.location).text.contains("/standing\" hx-trigger=\"every 2s"))
            #expect(try await browser.get(made.location + "/standing").text.contains("hx-swap-oob"))
            let everybody = try await browser.post(
                "/tags",
                [
                    "name": "Everybody", "kind": "rule", "colour": "green",
                    "criteria": #"{"version":1,"where":{"kind":"all","of":[]}}"#,
                ])
            #expect(everybody.status == 422 && everybody.text.contains("has no condition yet"))
            let list = try await browser.get("/tags").text
            #expect(list.contains("Gold") && list.contains("data-level=\"2\""))
            // It looks again by itself until the people of the rule are there.
            #expect(list.contains("hx-get=\"/tags\" hx-trigger=\"every 2s\" hx-select=\"#tag-list\""))
            let kept = try await browser.post(made.location + "/delete")
            #expect(kept.status == 409 && kept.text.contains("tags below it"))
            let edited = try await browser.get(made.location + "/edit").text
            #expect(edited.contains("value=\"Gold\""))
            let stale = try await browser.post(made.location, ["name": "Silver", "revision": "1", "colour": "grey"])
            #expect(stale.status == 422 && stale.text.contains("Somebody else"))
            #expect(try await browser.get("/people?tag=\(id)").status == 200)
            #expect(try await browser.post(ruled.location + "/delete").location == "/tags")
            #expect(try await browser.post(made.location + "/delete").location == "/tags")
            #expect(try await browser.get(made.location).status == 404)
        }
    }
}
