import Engine
import Storage
import Testing

@testable import Web

@Suite("Pages of pools") struct PoolPageTests {
    @Test("a pool is made on an account's page, joined, filled, shown, changed, left and ended; a reader only looks")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            _ = try await browser.get("/points")
            _ = try await browser.post("/points/currencies", PointsPageTests.currency.merging(["pools": "1"]) { $1 })
            #expect(try await browser.get("/points/currencies").text.contains("Households may share it"))
            let ann = try await browser.post("/people/\(PointsPageTests.person("ann", harness))/membership").location
            let bob = try await browser.post("/people/\(PointsPageTests.person("bob", harness))/membership").location
            _ = try await browser.post(
                ann + "/adjustments",
                ["currency": "points", "amount": "1000", "sign": "+", "reason": "welcome", "key": "w"])
            #expect(try await browser.get(ann).text.contains("In no pool."))
            let wrong = try await browser.post(ann + "/pool", ["name": "", "key": "aaaaaaaa"])
            #expect(wrong.status == 422 && wrong.text.contains("A name has 1 to 40 characters."))
            let made = try await browser.post(ann + "/pool", ["name": "<b>Home</b>", "key": "aaaaaaaa"])
            let pool = made.location
            #expect(made.status == 303 && pool.hasPrefix("/points/pools/"))
            #expect(try await browser.post(ann + "/pool", ["name": "<b>Home</b>", "key": "aaaaaaaa"]).location == pool)
            let nobody = try await browser.post(pool + "/invitations", ["number": "1"])
            #expect(nobody.status == 422)
            let number = try #require(
                try await browser.get(bob).text.firstMatch(of: /<span class="mono">([0-9 ]+)</)?.1)
            #expect(try await browser.post(pool + "/invitations", ["number": String(number)]).status == 303)
            let asked = try await browser.get(bob).text
            let invitation = try #require(asked.firstMatch(of: /pool-invitations\/([0-9]+)\/acceptance/)?.1)
            #expect(asked.contains("&lt;b&gt;Home"))
            _ = try await browser.post(bob + "/pool-invitations/\(invitation)/acceptance")
            for _ in 0..<2 {
                _ = try await browser.post(
                    ann + "/pool/contributions", ["currency": "points", "amount": "600", "key": "in000000"])
            }
            let shown = try await browser.get(pool)
            #expect(shown.status == 200 && shown.text.contains("600") && !shown.text.contains("1,200"))
            #expect(shown.text.contains("Put into the pool") || shown.text.contains("+600"))
            #expect(try await browser.get(pool + "/statement.json").text.contains("pool-"))
            let id = try #require(bob.split(separator: "/").last)
            #expect(try await browser.post(pool + "/members/\(id)", ["share": "30"]).status == 303)
            #expect(try await browser.get(pool).text.contains("30% of what they earn"))
            #expect(try await browser.post(pool + "/members/\(id)", ["share": "300"]).status == 422)
            let reader = try await harness.signedIn(as: .analyst)
            let looked = try await reader.get(pool)
            #expect(looked.status == 200 && !looked.text.contains("/dissolution"))
            #expect(try await reader.post(pool + "/dissolution").status == 403)
            #expect(try await browser.post(pool + "/members/\(id)/departure").status == 303)
            #expect(try await browser.post(pool + "/dissolution").status == 303)
            #expect(try await browser.get(pool).text.contains("Over since"))
            #expect(try await browser.get(ann).text.contains("1,000"))
            #expect(try await browser.get("/points/pools/7").status == 404)
            #expect(try await PointsVerification.run(harness.platform).flaws == [])
        }
    }
}
