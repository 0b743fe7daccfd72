import Engine
import Storage
import Testing

@testable import Web

@Suite("Reward and approval pages") struct RewardPageTests {
    private static let reward = [
        "name_en": "Tea cup", "name_zh": "茶杯", "points": "300", "currency": "points", "money": "5",
        "fulfilment": "shipped", "stock": "2", "member_max": "1", "member_days": "30", "tiers": "",
        "from": "", "until": "",
    ]

    private static func member(_ user: String, _ browser: Browser, _ harness: ConsoleHarness) async throws -> String {
        let person = try await PointsPageTests.person(user, harness)
        _ = try await browser.get("/people/\(person)")
        return try await browser.post("/people/\(person)/membership").location
    }

    @Test("a reward is written, stocked, claimed, served to the end, and cancelled with its points given back")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/rewards").text.contains("Nothing to get yet"))
            _ = try await browser.post("/points/currencies", PointsPageTests.currency)
            let account = try await Self.member("ann", browser, harness)
            _ = try await browser.post(
                account + "/adjustments", ["currency": "points", "amount": "1000", "reason": "x", "key": "k"])
            let wrong = try await browser.post("/rewards", Self.reward.merging(["points": "many"]) { $1 })
            #expect(wrong.status == 422 && wrong.text.contains("price in points") && wrong.text.contains("茶杯"))
            let made = try await browser.post("/rewards", Self.reward)
            #expect(made.status == 303)
            let page = try await browser.get(made.location).text
            #expect(page.contains("300 Beans + ¥5.00") && page.contains("1 per member in 30 days"))
            #expect(try await browser.get(made.location + "/edit").text.contains("value=\"300\""))
            let id = Int64(made.location.split(separator: "/").last ?? "") ?? 0
            let member = Int64(account.split(separator: "/").last ?? "") ?? 0
            let effects = harness.platform.effects
            let claim = try await harness.platform.store.write {
                try RewardClaims.claim(
                    RewardRequest(rewardID: id, account: member, key: "c1", delivery: ["city": "杭州"]), by: "test",
                    effects, $0
                ).claim
            }
            let path = "/rewards/claims/\(claim.id)"
            #expect(try await browser.get("/rewards/claims?state=requested").text.contains(path))
            #expect(try await browser.get(path).text.contains("杭州"))
            let unpaid = try await browser.post(path + "/steps", ["state": "confirmed"])
            #expect(unpaid.status == 409 && unpaid.text.contains("name the payment"))
            for (state, note) in [("confirmed", "PAY-1"), ("shipped", "SF123")] {
                #expect(try await browser.post(path + "/steps", ["state": state, "note": note]).status == 303)
            }
            #expect(try await browser.get(path).text.contains("SF123"))
            let cancelled = try await browser.post(
                path + "/steps", ["state": "cancelled", "note": "broken", "lost": "1"])
            #expect(cancelled.status == 303)
            #expect(try await browser.get(account).text.contains("1,000"))
            #expect(try await browser.get("/rewards").text.contains("Tea cup"))
            #expect(try await browser.post(made.location + "/stock", ["amount": "5", "sign": "-"]).status == 409)
            #expect(try await browser.post(made.location + "/stock", ["amount": "5", "sign": "+"]).status == 303)
            #expect(try await browser.post(made.location + "/delete").status == 409)
            #expect(try await browser.post(made.location + "/offer", ["offered": "0"]).status == 303)
            #expect(try await browser.get(made.location).text.contains("withdrawn"))
            #expect(try await PointsVerification.run(harness.platform).flaws == [])
        }
    }

    @Test("what is above the limit waits for another user, who finds it by the number in the menu")
    func approvals() async throws {
        try await ConsoleHarness.with { harness in
            let asker = try await harness.signedIn(as: .marketer)
            _ = try await asker.get("/approvals")
            _ = try await asker.post(
                "/points/currencies", PointsPageTests.currency.merging(["approval_above": "100"]) { $1 })
            let account = try await Self.member("ann", asker, harness)
            let asked = try await asker.post(
                account + "/adjustments",
                ["currency": "points", "amount": "500", "sign": "+", "reason": "late parcel", "key": "k1"])
            #expect(asked.status == 303)
            let own = try await asker.get("/approvals").text
            #expect(own.contains("late parcel") && own.contains("You asked for it"))
            #expect(own.contains("Give 500 Beans") && !own.contains("Approve and do it"))
            let id = try #require(own.firstMatch(of: /approvals\/(\d+)\/withdrawal/)?.1)
            #expect(try await asker.post("/approvals/\(id)/approval").status == 409)
            let other = try await harness.signedIn(as: .admin)
            #expect(try await other.get("/").text.contains("<span class=\"badge\""))
            #expect(try await other.get("/approvals").text.contains("Approve and do it"))
            #expect(try await other.post("/approvals/\(id)/approval", ["note": "fine"]).status == 303)
            #expect(try await other.post("/approvals/\(id)/refusal").status == 409)
            #expect(try await asker.get(account).text.contains("+500"))
            #expect(try await other.get("/approvals").text.contains("/transactions/1"))
            #expect(try await !other.get("/").text.contains("<span class=\"badge\""))
            let service = try await harness.signedIn(as: .service)
            _ = try await service.get("/members")
            #expect(try await service.post("/approvals/\(id)/approval").status == 403)
        }
    }
}
