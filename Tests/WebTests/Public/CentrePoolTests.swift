import Engine
import Storage
import Testing

@testable import Web

@Suite("The member centre: the household's pool") struct CentrePoolTests {
    static func poolable(_ house: CentreHouse) async throws {
        let now = house.clock.now
        try await house.harness.platform.store.write { connection in
            guard var currency = try PointsCurrencies.stored("points", connection)?.currency else { return }
            currency.isPoolable = true
            _ = try PointsCurrencies.update(currency, at: now, connection)
        }
    }

    @Test("a pool is made, joined by who is invited, filled and left; who may not is told so")
    func life() async throws {
        try await CentreHouse.with { house in
            let phone = try await house.phone(of: house.ann.account)
            #expect(try await phone.get("/m/pool").text.contains("cannot be shared"))
            try await Self.poolable(house)
            #expect(try await phone.get("/m").text.contains("href=\"/m/pool\""))
            let page = try await phone.get("/m/pool").text
            let key = String(try #require(page.firstMatch(of: /name="key" value="([0-9a-f]+)"/)?.1))
            #expect(try await phone.post("/m/pool", ["name": "Home", "key": key], token: "forged").status == 403)
            for _ in 0..<2 {
                #expect(try await phone.post("/m/pool", ["name": "Home", "key": key]).location == "/m/pool")
            }
            #expect(try await phone.get("/m/pool").text.contains("Home"))
            let nobody = try await phone.post("/m/pool/invitations", ["recipient": "13912345678"])
            #expect(nobody.status == 422)
            #expect(
                try await phone.post("/m/pool/invitations", ["recipient": "139 0013 9000"]).location == "/m/pool")
            let bob = try await house.phone(of: house.bob.account)
            #expect(try await bob.get("/m").text.contains("/m/pool"))
            let asked = try await bob.get("/m/pool").text
            let invitation = try #require(asked.firstMatch(of: /pool\/invitations\/([0-9]+)\/acceptance/)?.1)
            #expect(try await phone.post("/m/pool/invitations/\(invitation)/acceptance").status != 303)
            #expect(try await bob.post("/m/pool/invitations/\(invitation)/acceptance").location == "/m/pool")
            for _ in 0..<2 {
                let put = try await phone.post(
                    "/m/pool/contributions", ["currency": "points", "amount": "600", "key": "in000000"])
                #expect(put.status == 303)
            }
            #expect(try await house.balance(house.ann.account) == 400)
            let over = try await phone.post(
                "/m/pool/contributions", ["currency": "points", "amount": "401", "key": "in000001"])
            #expect(over.status == 422 && over.text.contains("400 Beans"))
            #expect(try await bob.get("/m/pool").text.contains("600"))
            // Bob is not the owner: he changes nobody, and what he shares alone.
            let stopping = try await bob.post("/m/pool/members/\(house.ann.account)", ["what": "stop"])
            #expect(stopping.status == 422)
            #expect(try await bob.post("/m/pool/share", ["share": "25"]).status == 303)
            #expect(try await bob.post("/m/pool/share", ["share": "250"]).status == 422)
            #expect(try await phone.post("/m/pool/members/\(house.bob.account)", ["what": "stop"]).status == 303)
            #expect(try await bob.post("/m/pool/dissolution").status == 422)
            #expect(try await bob.post("/m/pool/members/\(house.bob.account)/departure").status == 303)
            #expect(try await phone.post("/m/pool/dissolution").status == 303)
            #expect(try await house.balance(house.ann.account) == 1_000)
            #expect(try await PointsVerification.run(house.harness.platform).flaws == [])
        }
    }

    @Test("a reward is paid out of the pool, and goes back there")
    func reward() async throws {
        try await CentreHouse.with { house in
            try await Self.poolable(house)
            let made = try await house.staff.post(
                "/rewards",
                [
                    "name_en": "Tea cup", "name_zh": "茶杯", "points": "300", "currency": "points", "money": "",
                    "fulfilment": "issued", "stock": "2", "member_max": "", "member_days": "", "tiers": "", "from": "",
                    "until": "",
                ])
            let reward = String(made.location.dropFirst("/rewards/".count))
            let phone = try await house.phone(of: house.ann.account)
            _ = try await phone.post("/m/pool", ["name": "Home", "key": "aaaaaaaa"])
            _ = try await phone.post("/m/pool/invitations", ["recipient": "13900139000"])
            _ = try await phone.post(
                "/m/pool/contributions", ["currency": "points", "amount": "500", "key": "in000000"])
            let bob = try await house.phone(of: house.bob.account)
            let invitation = try #require(
                try await bob.get("/m/pool").text.firstMatch(of: /pool\/invitations\/([0-9]+)\/acceptance/)?.1)
            _ = try await bob.post("/m/pool/invitations/\(invitation)/acceptance")
            let own = try await bob.get("/m/rewards/\(reward)").text
            #expect(own.contains("300 Beans more are needed") && own.contains("?pool=1"))
            let pooled = try await bob.get("/m/rewards/\(reward)?pool=1").text
            #expect(pooled.contains("name=\"pool\" value=\"1\""))
            let claim = try await bob.post("/m/rewards/\(reward)/claims", ["key": "cccccccc", "pool": "1"])
            #expect(claim.status == 303)
            #expect(try await bob.get("/m/pool").text.contains("200"))
            _ = try await bob.get(claim.location)
            #expect(try await bob.post(claim.location + "/cancellation").status == 303)
            #expect(try await bob.get("/m/pool").text.contains("500"))
            #expect(try await PointsVerification.run(house.harness.platform).flaws == [])
        }
    }
}
