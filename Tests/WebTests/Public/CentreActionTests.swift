import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite("The member centre: what members do") struct CentreActionTests {
    @Test("a reward is claimed once however often its form is sent, taken back until it is confirmed, and not after")
    func rewards() async throws {
        try await CentreHouse.with { house in
            let made = try await house.staff.post(
                "/rewards",
                [
                    "name_en": "Tea cup", "name_zh": "茶杯", "points": "300", "currency": "points", "money": "",
                    "fulfilment": "issued", "stock": "2", "member_max": "", "member_days": "", "tiers": "", "from": "",
                    "until": "",
                ])
            let reward = String(made.location.dropFirst("/rewards/".count))
            let phone = try await house.phone(of: house.ann.account)
            let page = try await phone.get("/m/rewards/\(reward)").text
            let key = String(try #require(page.firstMatch(of: /name="key" value="([0-9a-f]+)"/)?.1))
            #expect(try await phone.post("/m/rewards/\(reward)/claims", ["key": key], token: "forged").status == 403)
            #expect(try await phone.post("/m/rewards/\(reward)/claims", ["key": "no"]).status == 422)
            let first = try await phone.post("/m/rewards/\(reward)/claims", ["key": key])
            let again = try await phone.post("/m/rewards/\(reward)/claims", ["key": key])
            #expect(first.status == 303 && first.location == again.location)
            #expect(try await house.balance(house.ann.account) == 700)
            #expect(try await phone.get("/m/claims").text.contains("Tea cup"))
            _ = try await phone.get(first.location)
            #expect(try await phone.post(first.location + "/cancellation").status == 303)
            #expect(try await phone.post(first.location + "/cancellation").status == 303)
            #expect(try await house.balance(house.ann.account) == 1_000)
            let second = try await phone.post("/m/rewards/\(reward)/claims", ["key": "bbbbbbbb"]).location
            let id = Int64(second.split(separator: "/").last ?? "") ?? 0
            let effects = house.harness.platform.effects
            _ = try await house.harness.platform.store.write {
                try RewardClaims.step(id, to: .confirmed, note: "", by: "test", effects, $0)
            }
            _ = try await phone.get(second)
            let late = try await phone.post(second + "/cancellation")
            #expect(late.status == 409 && late.text.contains("confirmed already"))
            let bob = try await house.phone(of: house.bob.account)
            let poor = try await bob.post("/m/rewards/\(reward)/claims", ["key": "cccccccc"])
            #expect(poor.status == 422 && poor.text.contains("300 Beans more are needed"))
            #expect(try await PointsVerification.run(house.harness.platform).flaws == [])
            let audited = try await house.harness.platform.store.read {
                try AuditLog.page(AuditLog.Filter(), before: nil, $0).entries.map(\.action)
            }
            #expect(audited.contains("centre.claim") && audited.contains("centre.open"))
        }
    }

    @Test("points are given by phone or number after a look at the fee, once; what is refused says why")
    func transfer() async throws {
        try await CentreHouse.with { house in
            let phone = try await house.phone(of: house.ann.account)
            let gift = ["recipient": "139 0013 9000", "currency": "points", "amount": "100"]
            let check = try await phone.post("/m/transfer/check", gift)
            #expect(check.status == 200 && check.text.contains("2 Beans") && check.text.contains("898 Beans"))
            #expect(!check.text.contains("bob"))
            let key = String(try #require(check.text.firstMatch(of: /name="key" value="([0-9a-f]+)"/)?.1))
            for _ in 0..<2 {
                let given = try await phone.post("/m/transfer", gift.merging(["key": key]) { $1 })
                #expect(given.location == "/m/points")
            }
            #expect(try await house.balance(house.ann.account) == 898)
            #expect(try await house.balance(house.bob.account) == 100)
            let other = try await phone.post("/m/transfer", gift.merging(["key": key, "amount": "7"]) { $1 })
            #expect(other.status == 422 && other.text.contains("sent already"))
            for (field, value, text) in [
                ("amount", "0", "cannot be read"), ("amount", "-5", "cannot be read"),
                ("amount", "x", "cannot be read"),
                ("amount", "99999", "400 Beans more"), ("recipient", "13800138000", "cannot give to themself"),
                ("recipient", "somebody", "no member number"), ("amount", "450", "400 Beans more"),
            ] {
                let answer = try await phone.post(
                    "/m/transfer", gift.merging([field: value, "key": "k\(value.count)aaaaaaa"]) { $1 })
                #expect(answer.status == 422 && answer.text.contains(text), "\(value)")
            }
            #expect(try await house.balance(house.ann.account) == 898)
            #expect(try await PointsVerification.run(house.harness.platform).flaws == [])
        }
    }

    @Test("nobody finds out by asking who is a member: the second page asks nobody, and the third soon waits")
    func oracle() async throws {
        try await CentreHouse.with { house in
            let phone = try await house.phone(of: house.ann.account)
            let strip = { (text: String) in text.replacing(/value="[0-9a-f]{24}"|139\d+/, with: "…") }
            var gift = ["recipient": "13900139000", "currency": "points", "amount": "1"]
            let known = try await phone.post("/m/transfer/check", gift)
            gift["recipient"] = "13912345678"
            let unknown = try await phone.post("/m/transfer/check", gift)
            #expect(strip(known.text) == strip(unknown.text))
            var statuses: [Int] = []
            for number in 0..<12 {
                gift["recipient"] = "139123456\(number < 10 ? "0\(number)" : String(number))"
                gift["key"] = "k00000\(number < 10 ? "0\(number)" : String(number))"
                statuses.append(try await phone.post("/m/transfer", gift).status)
            }
            #expect(statuses == Array(repeating: 422, count: 10) + [429, 429])
            gift["recipient"] = "13900139000"
            gift["key"] = "zzzzzzzz"
            let waiting = try await phone.post("/m/transfer", gift)
            #expect(waiting.status == 429 && waiting.headers[.retryAfter] != nil)
            house.clock.pass(hours: 25)
            let later = try await house.phone(of: house.ann.account)
            #expect(try await later.post("/m/transfer", gift).status == 303)
            #expect(try await house.balance(house.bob.account) == 1)
        }
    }

    @Test("points are donated to a cause of the settings; whoever sends too much in a short time waits")
    func donate() async throws {
        try await CentreHouse.with { house in
            let phone = try await house.phone(of: house.ann.account)
            let gift = ["cause": "0", "currency": "points", "amount": "50"]
            let check = try await phone.post("/m/donate/check", gift)
            #expect(check.status == 200 && check.text.contains("Trees") && check.text.contains("950 Beans"))
            #expect(try await phone.post("/m/donate/check", gift.merging(["cause": "7"]) { $1 }).status == 422)
            #expect(try await phone.post("/m/donate", gift.merging(["key": "aaaaaaaa"]) { $1 }).status == 303)
            #expect(try await phone.get("/m/points").text.contains("植树"))
            #expect(try await house.balance(house.ann.account) == 950)
            let wrong = try await phone.post("/m/donate", gift.merging(["key": "dddddddd", "cause": "-1"]) { $1 })
            #expect(wrong.status == 422)
            var last = 0
            for number in 0..<70 {
                let key = "e00000\(number < 10 ? "0\(number)" : String(number))"
                last = try await phone.post(
                    "/m/donate", ["cause": "0", "currency": "points", "amount": "1", "key": key]
                ).status
                if last == 429 { break }
            }
            #expect(last == 429)
            #expect(try await house.balance(house.ann.account) >= 950 - 60)
        }
    }
}
