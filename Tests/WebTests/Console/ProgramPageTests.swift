import Engine
import Foundation
import Storage
import Testing

@testable import Web

@Suite("Program pages") struct ProgramPageTests {
    @Test("a program begins with usual rules, is written, submitted, approved by another, put in force and ended")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/program").text.contains("No program yet"))
            let begun = try await browser.post("/program/versions")
            #expect(begun.status == 303 && begun.location.hasSuffix("/edit"))
            let version = begun.location.replacing("/edit", with: "")
            #expect(try await browser.get(begun.location).text.contains("data-program"))
            let wrong = try await browser.post(
                version, ["title": "Half", "definition": #"{"rules":[{"id":"a","kind":"magic"}]}"#, "revision": "x"])
            #expect(wrong.status == 422)
            let seen = try #require(
                try await browser.get(begun.location).text.firstMatch(of: /name="revision" value="([^"]+)"/)?.1)
            let rules =
                #"{"rules":[{"id":"a","kind":"order_amount","points":2,"per":1},{"id":"m","kind":"multiplier","times":2,"to":"2020-01-01"}]}"#
            let unsaid =
                #"{"rules":[{"id":"a","name":"Gold","kind":"order_fixed","points":2,"when":[{"kind":"channel"}]}]}"#
            let told = try await browser.post(
                version, ["title": "Tea", "definition": unsaid, "revision": String(seen)])
            #expect(told.status == 422 && told.text.contains("Rule 1 “Gold”, condition 1 “Channels”: Enter"))
            let saved = try await browser.post(
                version, ["title": "Tea", "definition": rules, "revision": String(seen)])
            #expect(saved.status == 303)
            let stale = try await browser.post(
                version, ["title": "Tea", "definition": rules, "revision": String(seen)])
            #expect(stale.status == 422 && stale.text.contains("Tea"))
            let page = try await browser.get(version)
            #expect(page.text.contains("2 points for every 1 spent") && page.text.contains("its last day is over"))
            // A rule without a name is told by what it says, once; what restricts it stands below.
            #expect(page.text.components(separatedBy: "2 points for every 1 spent").count == 2)
            #expect(page.text.contains("until 2020-01-01"))
            #expect(try await browser.post(version + "/steps", ["verb": "submit", "note": "please"]).status == 303)
            #expect(try await browser.post(version + "/steps", ["verb": "approve"]).status == 409)
            let other = try await harness.signedIn(as: .admin)
            _ = try await other.get(version)
            #expect(try await other.get(version + "/trial").text.contains("Not tried yet"))
            #expect(try await other.post(version + "/steps", ["verb": "approve"]).status == 409)
            #expect(try await other.post(version + "/trials", ["from": "2020-01-01"]).status == 303)
            #expect(try await other.get(version + "/trial").text.contains("0 people replayed"))
            try await JobRunner(platform: harness.platform).drain()
            #expect(try await other.get(version + "/trial").text.contains("Difference"))
            #expect(try await other.post(version + "/steps", ["verb": "approve"]).status == 303)
            #expect(try await other.post(version + "/steps", ["verb": "publish"]).status == 303)
            #expect(try await browser.get("/program").text.contains("In force since"))
            let next = try await browser.post("/program/versions").location.replacing("/edit", with: "")
            let revision = try #require(
                try await browser.get(next + "/edit").text.firstMatch(of: /name="revision" value="([^"]+)"/)?.1)
            _ = try await browser.post(
                next,
                [
                    "title": "Next", "revision": String(revision),
                    "definition": #"{"rules":[{"id":"a","kind":"order_amount","points":3,"per":1}]}"#,
                ])
            let changes = try await browser.get(next).text
            #expect(changes.contains("What it changes from no. 1") && changes.contains("<del>"))
            #expect(try await browser.post(next + "/delete").location == "/program")
            #expect(try await other.post(version + "/steps", ["verb": "retire"]).status == 303)
            #expect(try await browser.get(version).text.contains("Retired"))
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await viewer.post("/program/versions").status == 403)
        }
    }

    @Test("an approval that lapsed is told to everybody, listed among approvals, and has to be given anew")
    func lapse() async throws {
        try await ConsoleHarness.with { harness in
            let author = try await harness.signedIn(as: .marketer)
            _ = try await author.get("/program")
            let version = try await author.post("/program/versions").location.replacing("/edit", with: "")
            _ = try await author.post(version + "/steps", ["verb": "submit"])
            let other = try await harness.signedIn(as: .admin)
            _ = try await other.get(version)
            func tried() async throws {
                _ = try await other.post(version + "/trials", ["from": "2020-01-01"])
                _ = try await JobRunner(platform: harness.platform).drain()
            }
            try await tried()
            #expect(try await other.post(version + "/steps", ["verb": "approve"]).status == 303)
            #expect(try await other.get(version).text.contains("id=\"step-publish\""))
            let effects = harness.platform.effects
            _ = try await harness.platform.store.write {
                try ProgramVersions.install(
                    title: "Other", document: #"{"version":1}"#, by: "system", effects: effects, $0)
            }
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await viewer.get(version).text.contains("another version came into force since"))
            let page = try await other.get(version).text
            #expect(page.contains("id=\"step-approve\"") && !page.contains("id=\"step-publish\""))
            #expect(try await other.get("/approvals").text.contains("approval lapsed"))
            try await tried()
            #expect(try await viewer.get(version).text.contains("the version was tried anew"))
            #expect(try await author.post(version + "/steps", ["verb": "publish"]).status == 409)
            #expect(try await other.post(version + "/steps", ["verb": "approve"]).status == 303)
            #expect(try await !other.get("/approvals").text.contains("approval lapsed"))
            #expect(try await other.post(version + "/steps", ["verb": "publish"]).status == 303)
        }
    }

    @Test("what holds for all rules calls currencies by their names")
    func names() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            _ = try await browser.get("/points")
            _ = try await browser.post("/points/currencies", PointsPageTests.currency)
            let begun = try await browser.post("/program/versions").location
            let seen = try #require(
                try await browser.get(begun).text.firstMatch(of: /name="revision" value="([^"]+)"/)?.1)
            let rules = """
                {"rules":[{"id":"a","kind":"order_amount","points":2,"per":1}],
                 "caps":[{"currency":"points","per":"member","period":"day","points":2000}],
                 "budget":{"currency":"points","points":5000000,"period":"year"}}
                """
            let version = begun.replacing("/edit", with: "")
            let saved = try await browser.post(
                version, ["title": "Tea", "definition": rules, "revision": String(seen)])
            #expect(saved.status == 303)
            let page = try await browser.get(version).text
            #expect(page.firstMatch(of: /Budget: [^<]*Beans/) != nil)
            #expect(page.matches(of: /· Beans/).count == 2 && !page.contains(" · points"))
        }
    }

    @Test("the live example shows what rules in the making would give")
    func example() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            _ = try await browser.get("/program")
            let form = [
                "definition": #"{"rules":[{"id":"a","kind":"order_amount","points":2,"per":1}]}"#, "amount": "12.50",
                "pieces": "2", "person": "",
            ]
            let answer = try await browser.post("/program/example", form)
            #expect(answer.text.contains("25 points") && answer.text.contains("just become a member"))
            let broken = try await browser.post("/program/example", ["definition": "{"])
            #expect(broken.text.contains("not JSON"))
        }
    }
}
