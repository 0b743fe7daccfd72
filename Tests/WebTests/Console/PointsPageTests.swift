import Engine
import Foundation
import Storage
import Testing

@testable import Web

@Suite("Points pages") struct PointsPageTests {
    /// A person who is known by a user id.
    static func person(_ user: String, _ harness: ConsoleHarness) async throws -> Int64 {
        let now = harness.platform.effects.now()
        let signal = LogSignal()
        try await Ingest(platform: harness.platform, signal: signal).append(
            IncomingBatch(
                sourceID: 1,
                events: [
                    IncomingEvent(
                        kind: .identify, name: "identify", messageID: "m-\(user)",
                        identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now)
                ]))
        try await Processor(platform: harness.platform, signal: signal).catchUp()
        return try await harness.platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0) ?? 0
        }
    }

    static let currency = [
        "code": "points", "name_en": "Beans", "name_zh": "豆子", "scale": "0", "spendable": "1", "expiry": "rolling",
        "rolling_months": "12", "notice": "7, 30", "pending_days": "0", "reversal": "deficit",
        "reinstatement_days": "30", "transfers": "1", "daily_max": "500", "fee": "1.5", "adjustment_max": "",
        "approval_above": "", "value": "10",
    ]

    @Test("a currency is written as sentences, kept when something is wrong, and guarded against two editors")
    func currency() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/points").text.contains("No points yet"))
            #expect(try await browser.get("/points/currencies").text.contains("No currency yet"))
            #expect(try await browser.get("/points/currencies/new").text.contains("name=\"rolling_months\""))
            let wrong = try await browser.post(
                "/points/currencies", Self.currency.merging(["code": "No Good"]) { $1 })
            #expect(wrong.status == 422 && wrong.text.contains("a letter first") && wrong.text.contains("Beans"))
            #expect(try await browser.post("/points/currencies", Self.currency).status == 303)
            let list = try await browser.get("/points/currencies").text
            #expect(list.contains("12 months after it was earned") && list.contains("30, 7 days before"))
            #expect(list.contains("up to 500 a day, for a fee of 1.50%") && list.contains("worth ¥10.00"))
            let form = try await browser.get("/points/currencies/points").text
            let revision = try #require(form.firstMatch(of: /name="revision" value="([^"]+)"/)?.1)
            let change = Self.currency.merging(["fee": "2", "revision": String(revision)]) { $1 }
            #expect(try await browser.post("/points/currencies/points", change).status == 303)
            let late = try await browser.post("/points/currencies/points", change)
            #expect(late.status == 422 && late.text.contains("Somebody else changed it"))
            #expect(try await browser.post("/points/currencies/points/delete").status == 303)
            #expect(try await browser.get("/points/currencies/points").status == 404)
        }
    }

    @Test(
        "a member is enrolled, given, taken from, transferred, and every page shows it; a form sent twice counts once")
    func member() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/members").text.contains("No members yet"))
            _ = try await browser.post("/points/currencies", Self.currency)
            let (ann, bob) = (try await Self.person("ann", harness), try await Self.person("bob", harness))
            #expect(try await browser.get("/people/\(ann)/points").text.contains("Not a member"))
            let enrolled = try await browser.post("/people/\(ann)/membership")
            let account = enrolled.location
            #expect(enrolled.status == 303 && account.hasPrefix("/members/"))
            let other = try await browser.post("/people/\(bob)/membership").location
            let page = try await browser.get(account).text
            let key = String(try #require(page.firstMatch(of: /name="key" value="([^"]+)"/)?.1))
            let form = ["currency": "points", "amount": "1,000", "sign": "+", "reason": "<b>sorry</b>", "key": key]
            for _ in 0..<2 { #expect(try await browser.post(account + "/adjustments", form).status == 303) }
            let shown = try await browser.get(account).text
            #expect(shown.contains("&lt;b&gt;sorry") && shown.contains("+1,000") && !shown.contains("2,000"))
            let over = try await browser.post(
                account + "/donations", ["currency": "points", "amount": "1001", "cause": "trees", "key": "k2"])
            #expect(over.status == 422 && over.text.contains("1,000 are available"))
            let number = try await browser.get(other).text.firstMatch(of: /<span class="mono">([0-9 ]+)</)?.1
            let to = String(try #require(number))
            let given = try await browser.post(
                account + "/transfers", ["currency": "points", "amount": "200", "to": to, "key": "k3"])
            #expect(given.status == 303)
            #expect(try await browser.get("/people/\(bob)/points").text.contains("+200"))
            // 1,000 less 200 and the fee of 3.
            #expect(try await browser.get(account).text.contains("797"))
            let lots = try await browser.post(
                account + "/extensions",
                ["lot": "points:1", "until": "2039-12-31", "reason": "kind", "key": "k4"])
            #expect(lots.status == 303)
            #expect(try await browser.get(account).text.contains("31 Dec 2039"))
            let ledger = try await browser.get("/points?kind=transfer_in").text
            #expect(ledger.contains(">Received</a>") && !ledger.contains(">Given away</a>"))
            #expect(try await browser.get("/points?member=\(to.replacing(" ", with: "%20"))").text.contains("+200"))
            #expect(try await browser.get("/points?member=1").text.contains("No member has this number"))
            #expect(try await browser.get("/points/trial-balance").text.contains("adds up to zero"))
            let one = try await browser.get(account + "/transactions/1").text
            #expect(one.contains("Adjusted") && one.contains(String(repeating: "0", count: 64)))
            #expect(try await browser.get(account + "/transactions/99").status == 404)
            #expect(try await browser.get("/members?q=ann").text.contains(account))
            let statement = try await browser.get(account + "/statement.json")
            let json = try JSONValue(parsing: statement.text)
            #expect(json["transactions"]?.arrayValue?.count == 3)
            #expect(json["hash"] == json["transactions"]?[2]?["hash"])
            #expect(try await browser.get(account + "/statement").text.contains("Beans"))
            let paper = try await browser.get(account + "/statement.pdf")
            #expect(paper.headers[.contentType] == "application/pdf" && paper.text.hasPrefix("%PDF-1.7"))
            #expect(paper.text.contains("(Given away) Tj") && paper.text.hasSuffix("%%EOF\n"))
            #expect(try await PointsVerification.run(harness.platform).flaws == [])
        }
    }

    @Test("who only looks finds nothing to press")
    func viewer() async throws {
        try await ConsoleHarness.with { harness in
            let admin = try await harness.signedIn(as: .admin)
            _ = try await admin.post("/points/currencies", Self.currency)
            let ann = try await Self.person("ann", harness)
            _ = try await admin.get("/people")
            let account = try await admin.post("/people/\(ann)/membership").location
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await !viewer.get(account).text.contains("data-dialog=\"adjust\""))
            #expect(try await viewer.post(account + "/adjustments", ["amount": "5", "key": "k"]).status == 403)
            #expect(try await viewer.get("/points/currencies/new").status == 403)
        }
    }
}
