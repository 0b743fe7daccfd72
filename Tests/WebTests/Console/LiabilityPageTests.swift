import Engine
import Storage
import Testing

@testable import Web

@Suite("Liability page") struct LiabilityPageTests {
    @Test("shows what is owed, compares what could be done, hands over a file that balances")
    func page() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/liability").text.contains("Nothing is owed"))
            _ = try await browser.post("/points/currencies", PointsPageTests.currency)
            let person = try await PointsPageTests.person("ann", harness)
            let account = try await browser.post("/people/\(person)/membership").location
            _ = try await browser.post(
                account + "/adjustments", ["currency": "points", "amount": "1200", "reason": "x", "key": "k"])
            let page = try await browser.get("/liability").text
            #expect(page.contains("1,200") && page.contains("¥12.00") && page.contains("Will never be redeemed"))
            #expect(page.contains("No month of points is over yet") && !page.contains("of what is outstanding"))
            let today = harness.platform.effects.now()
            let day = String(today.iso8601.prefix(10))
            let file = try await browser.get("/liability/journal.csv?from=2026-01-01&to=\(day)")
            #expect(file.status == 200 && file.text.hasPrefix("day,currency,account,side,debit,credit"))
            #expect(try await browser.get("/liability/journal.csv?from=x&to=\(day)").status == 404)
            let bad = try await browser.post(
                "/liability/dormant", ["currency": "points", "months": "12", "choice": "donate", "cause": ""])
            #expect(bad.status == 422 && bad.text.contains("needs a cause"))
            let done = try await browser.post(
                "/liability/dormant", ["currency": "points", "months": "12", "choice": "remind"])
            #expect(done.status == 303)
        }
    }
}
