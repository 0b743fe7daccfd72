import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite("The member centre: coming in") struct CentreEntryTests {
    @Test("a link for one opening is opened by its form, once; a look ahead does not use it up")
    func once() async throws {
        try await CentreHouse.with { house in
            let link = try await house.link(house.ann.account, CentreLinks.Wish(isOnce: true))
            let phone = Browser(harness: house.harness)
            for _ in 0..<2 {
                let shown = try await phone.get(link.path, headers: [.acceptLanguage: "en"])
                #expect(shown.status == 200 && shown.text.contains("Open my member centre"))
                #expect(!shown.text.contains("ann") && shown.headers[HTTPField.Name.referrerPolicy] == "no-referrer")
            }
            #expect(try await phone.get("/m").status == 401)
            let opened = try await phone.post(link.path)
            #expect(opened.status == 303 && opened.location == "/m")
            let cookie = try #require(opened.cookies.first { $0.hasPrefix("perennial_member=") })
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/m;"))
            #expect(try await phone.get("/m").status == 200)
            let second = Browser(harness: house.harness)
            #expect(try await second.get(link.path).status == 410)
            #expect(try await second.post(link.path).status == 410)
            #expect(try await second.get("/m").status == 401)
        }
    }

    @Test("a tampered, expired or revoked link opens nothing; with the link goes who came in by it")
    func links() async throws {
        try await CentreHouse.with { house in
            let stranger = Browser(harness: house.harness)
            let link = try await house.link(house.ann.account, CentreLinks.Wish(hours: 2))
            #expect(try await stranger.get(link.path.dropLast() + "~").status == 410)
            #expect(try await stranger.get("/m/l/" + String(repeating: "x", count: 5_000)).status == 410)
            let phone = Browser(harness: house.harness)
            #expect(try await phone.get(link.path).location == "/m")
            #expect(try await phone.get(link.path).location == "/m")
            house.clock.pass(hours: 3)
            #expect(try await stranger.get(link.path).status == 410)
            #expect(try await phone.get("/m").status == 200)
            let page = try await house.staff.get("/members/\(house.ann.account)/centre").text
            #expect(page.contains("Make a link") && page.contains("over"))
            let made = try await house.staff.post(
                "/members/\(house.ann.account)/centre/links", ["kind": "many", "hours": "24"])
            let path = String(try #require(made.text.firstMatch(of: /\/m\/l\/[A-Za-z0-9_-]{43}/)?.0))
            #expect(try await phone.get(path).location == "/m")
            // Who made it, by name.
            let listed = try await house.staff.get("/members/\(house.ann.account)/centre").text
            #expect(listed.contains("Lin") && !listed.contains("user:"))
            let other = try await house.staff.post(
                "/members/\(house.bob.account)/centre/links/\(link.id)/revoke")
            #expect(other.status == 404)
            let id = try #require(
                try await house.staff.get("/members/\(house.ann.account)/centre").text
                    .firstMatch(of: /links\/(\d+)\/revoke/)?.1)
            #expect(
                try await house.staff.post("/members/\(house.ann.account)/centre/links/\(id)/revoke").status == 303)
            #expect(try await phone.get("/m").status == 401)
            #expect(try await phone.get(path).status == 410)
            let wrong = try await house.staff.post(
                "/members/\(house.ann.account)/centre/links", ["kind": "many", "hours": "0"])
            #expect(wrong.status == 422 && wrong.text.contains("8760"))
        }
    }

    @Test(
        "a session ends with its time, by signing out, and when everything is turned off; the console's opens nothing")
    func sessions() async throws {
        try await CentreHouse.with { house in
            #expect(try await house.staff.get("/m").status == 401)
            let phone = try await house.phone(of: house.ann.account)
            #expect(try await phone.get("/people").status == 303)
            _ = try await phone.get("/m")
            #expect(try await phone.post("/m/sign-out", token: "forged").status == 403)
            #expect(try await phone.post("/m/sign-out").location == "/m")
            #expect(try await phone.get("/m").status == 401)
            let late = try await house.phone(of: house.ann.account)
            house.clock.pass(hours: 13)
            #expect(try await late.get("/m").status == 401)
            let last = try await house.phone(of: house.ann.account)
            try await house.settings { $0.isOn = false }
            #expect(try await last.get("/m").status == 404)
            try await house.settings { _ in }
            #expect(try await last.get("/m").status == 401)
        }
    }

    @Test("an erased person is out for good; two who turn out to be one see what they have together")
    func people() async throws {
        try await CentreHouse.with { house in
            let (ann, bob) = (
                try await house.phone(of: house.ann.account), try await house.phone(of: house.bob.account)
            )
            let bobsLink = try await house.link(house.bob.account)
            let (platform, people) = (house.harness.platform, (house.ann.person, house.bob.person))
            try await platform.store.write { connection in
                let now = platform.effects.now()
                let events = try ManualMerge.merge(people.0, people.1, platform: platform, at: now, connection)
                try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
            }
            for phone in [ann, bob] {
                let page = try await phone.get("/m?lang=en")
                #expect(page.status == 200 && page.text.contains("1,000"))
            }
            #expect(try await bob.get(bobsLink.path).location == "/m")
            let living = try await platform.store.read { try ProfileDetail.resolve(people.1, $0) }
            try await Erasure.request(living, by: "test", platform)
            for phone in [ann, bob] { #expect(try await phone.get("/m").status == 401) }
            #expect(try await bob.get(bobsLink.path).status == 410)
            let left = try await platform.store.read {
                try $0.first("SELECT count(*) FROM centre_links WHERE profile_id = \(living)")?.int(0)
            }
            #expect(left == 0)
        }
    }

    struct Tokens: Decodable {
        var keys: [String: String]
        var refused: [String: [String]]
        var good: [String: String]
        var bad: [String: [String]]

        static func load() throws -> Tokens {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Fixtures/centre/tokens.json")
            return try JSONDecoder().decode(Tokens.self, from: Data(contentsOf: file))
        }
    }

    @Test("the brand's own token lets its member in once, whichever way it is signed; every other one is refused")
    func tokens() async throws {
        let tokens = try Tokens.load()
        try await CentreHouse.with { house in
            let page = "/settings/member-centre"
            _ = try await house.staff.get(page)
            for (algorithm, keys) in tokens.refused {
                for key in keys {
                    let answer = try await house.staff.post(
                        page + "/keys", ["name": "Shop", "algorithm": algorithm, "material": key])
                    #expect(answer.status == 422, "\(algorithm)")
                }
            }
            for (algorithm, key) in tokens.keys {
                let answer = try await house.staff.post(
                    page + "/keys", ["name": "Shop \(algorithm)", "algorithm": algorithm, "material": key])
                #expect(answer.status == 303, "\(algorithm)")
            }
            let shown = try await house.staff.get(page).text
            #expect(shown.contains("Shop EdDSA") && !shown.contains(tokens.keys["HS256"] ?? "?"))
            func enter(_ token: String, to: String = "") async throws -> (answer: Answer, phone: Browser) {
                let phone = Browser(harness: house.harness)
                return (try await phone.get("/m/enter?token=\(token)&to=\(to)"), phone)
            }
            for (check, refused) in tokens.bad {
                for token in refused {
                    let (answer, phone) = try await enter(token)
                    #expect(answer.status == 401 && answer.cookies.isEmpty, "\(check) \(token)")
                    #expect(try await phone.get("/m").status == 401)
                }
            }
            for name in ["HS256", "RS256", "EdDSA", "list"] {
                let token = try #require(tokens.good[name])
                let (answer, phone) = try await enter(token, to: "/m/coupons")
                #expect(answer.status == 303 && answer.location == "/m/coupons", "\(name)")
                #expect(try await phone.get("/m").text.contains("Tea House"))
                #expect(try await enter(token).answer.status == 401, "a second time: \(name)")
            }
            #expect(try await enter(tokens.good["stranger"] ?? "").answer.status == 403)
            _ = try await CentreHouse.person("zoe", phone: "13700137000", house.harness)
            #expect(try await enter(tokens.good["person"] ?? "").answer.status == 403)
            let id = try #require(shown.firstMatch(of: /keys\/([0-9a-f]+)\/remove/)?.1)
            #expect(try await house.staff.post(page + "/keys/\(id)/remove").status == 303)
            #expect(try await house.staff.post(page + "/keys/\(id)/remove").status == 404)
        }
    }

    @Test("a token leads to pages of the member centre alone")
    func destinations() {
        for path in ["https://evil.example", "//evil.example", "/m//evil", "/people", "/m/../people", "/m/%2e"] {
            #expect(CentreEntry.local(path) == "/m")
        }
        #expect(CentreEntry.local("/m/rewards/12") == "/m/rewards/12")
    }
}
