import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite("The member centre: pages") struct CentrePageTests {
    /// Pages and styles, before pictures, not compressed.
    private static let bytesMax = 50 * 1024

    private static let pages = [
        "/m", "/m/inbox", "/m/benefits", "/m/points", "/m/coupons", "/m/rewards", "/m/claims", "/m/transfer",
        "/m/donate",
        "/m/rules",
    ]

    private static func fill(_ house: CentreHouse) async throws -> (coupon: Int64, reward: String) {
        let staff = house.staff
        _ = try await staff.get("/tiers")
        _ = try await staff.post(
            "/tiers/edit", ["definition": TierAPITests.ladder.text(), "version": "0", "act": "publish"])
        let definition =
            try await staff.post(
                "/coupons",
                [
                    "name": "Spring", "kind": "amount", "amount": "50", "minimum": "300", "currency": "CNY",
                    "days": "30",
                    "stacking": "best_of", "categories_only": "tea, cups",
                ]
            ).location.split(separator: "/").last ?? ""
        for person in [house.ann.person, house.bob.person] {
            _ = try await staff.post(
                "/people/\(person)/coupons", ["definition": String(definition), "key": "k\(person)"])
        }
        let reward = try await staff.post(
            "/rewards",
            [
                "name_en": "Tea cup", "name_zh": "茶杯", "points": "300", "currency": "points", "money": "5",
                "fulfilment": "shipped", "stock": "2", "member_max": "1", "member_days": "30", "tiers": "",
                "from": "", "until": "",
            ]
        ).location
        let bob = house.bob.person
        let coupon = try await house.harness.platform.store.read {
            try CouponList.page(CouponList.Filter(profile: bob), limit: 1, $0).first?.coupon.id ?? 0
        }
        return (coupon, String(reward.dropFirst("/rewards/".count)))
    }

    @Test("every page says what it should in both languages, without a script, in under 50 KB")
    func pages() async throws {
        try await CentreHouse.with { house in
            let (_, reward) = try await Self.fill(house)
            let long = String(repeating: "茶香扑面，", count: 400)
            let message = try await house.write("Spring tea", to: house.ann.person, body: long, count: 30)[0]
            let phone = try await house.phone(of: house.ann.account)
            let home = try await phone.get("/m").text
            let style = String(try #require(home.firstMatch(of: /href="(\/assets\/[^"]+centre\.css)"/)?.1))
            let brand = String(try #require(home.firstMatch(of: /href="(\/m\/brand\/[^"]+\.css)"/)?.1))
            let styles = try await phone.get(style).text + phone.get(brand).text
            #expect(styles.contains("--brand: #1b7350; --brand-ink: #ffffff"))
            for language in Workspace.languages {
                for page in Self.pages + ["/m/rewards/\(reward)", "/m/inbox/\(message)"] {
                    let answer = try await phone.get("\(page)?lang=\(language)")
                    #expect(answer.status == 200, "\(page)")
                    #expect(answer.text.contains("<html lang=\"\(language)\">") && answer.text.contains("Tea House"))
                    #expect(answer.text.utf8.count + styles.utf8.count < Self.bytesMax, "\(page)")
                    #expect(!answer.text.contains("<script") && !answer.text.contains("style=\""), "\(page)")
                    #expect(!answer.text.contains(">centre."), "\(page)")
                    let policy = answer.headers[.contentSecurityPolicy] ?? ""
                    #expect(!policy.contains("script-src") && !policy.contains("unsafe"))
                    #expect(answer.headers[.cacheControl] == "no-store")
                }
            }
            let english = try await phone.get("/m?lang=en").text
            #expect(english.contains("Member") && english.contains("To Silver") && english.contains("¥500 more by"))
            #expect(english.contains("<progress max=\"100\" value=\"0\"") && english.contains("1,000"))
            // The choice is remembered, and goes before the browser's.
            #expect(try await phone.get("/m", headers: [.acceptLanguage: "zh-CN"]).text.contains("My membership"))
            #expect(try await phone.get("/m/rules").text.contains("net spend of at least ¥500"))
            #expect(try await phone.get("/m/points").text.contains("Lapse by month"))
            let shown = try await phone.get("/m/rewards/\(reward)").text
            #expect(shown.contains("300 Beans + ¥5.00") && shown.contains("700 Beans will be left"))
            let coupons = try await phone.get("/m/coupons").text
            #expect(coupons.contains("¥50 off from ¥300"))
            let coupon = String(try #require(coupons.firstMatch(of: /href="(\/m\/coupons\/\d+)"/)?.1))
            let one = try await phone.get(coupon).text
            #expect(one.contains("<svg class=\"qr\"") && one.contains("Categories: only tea, cups."))
            let file = try await phone.get("/m/points/statement.json")
            #expect(file.text.contains("perennial.points_statement/1"))
            #expect(try await phone.get("/m/points/statement.pdf").headers[.contentType] == "application/pdf")
        }
    }

    @Test("a coupon, a claim, a statement of somebody else is not there")
    func others() async throws {
        try await CentreHouse.with { house in
            let (coupon, reward) = try await Self.fill(house)
            let (ann, bob) = (
                try await house.phone(of: house.ann.account), try await house.phone(of: house.bob.account)
            )
            #expect(try await bob.get("/m/coupons/\(coupon)").status == 200)
            #expect(try await ann.get("/m/coupons/\(coupon)").status == 404)
            #expect(try await ann.get("/m/coupons/x").status == 404)
            _ = try await ann.get("/m/rewards/\(reward)")
            let claim = try await ann.post(
                "/m/rewards/\(reward)/claims",
                ["key": "aaaaaaaa", "name": "Ann", "phone": "138", "address": "Hangzhou"]
            ).location
            #expect(claim.hasPrefix("/m/claims/"))
            _ = try await bob.get("/m")
            #expect(try await bob.get(claim).status == 404)
            #expect(try await bob.post(claim + "/cancellation").status == 404)
            #expect(try await ann.get(claim).text.contains("Hangzhou"))
            try await Erasure.request(house.ann.person, by: "test", house.harness.platform)
            let kept = try await house.harness.platform.store.read { connection in
                try connection.query("SELECT delivery FROM reward_claims").map { try $0.text(0) }
            }
            #expect(kept == ["{}"])
        }
    }

    @Test("who has nothing sees pages that say so: no tiers, no points, no coupons, nothing to claim")
    func empty() async throws {
        try await CentreHouse.with { house in
            _ = try await house.staff.get("/points")
            let zoe = try await CentreHouse.member("zoe", phone: "13700137000", points: 0, house.staff, house.harness)
            let phone = try await house.phone(of: zoe.account)
            for page in Self.pages { #expect(try await phone.get(page).status == 200, "\(page)") }
            #expect(try await phone.get("/m/inbox").text.contains("There are no messages yet."))
            #expect(try await phone.get("/m/coupons").text.contains("You hold no coupons"))
            #expect(try await phone.get("/m/benefits").text.contains("There are no benefits"))
            #expect(try await phone.get("/m/rewards").text.contains("nothing to claim"))
            #expect(try await phone.get("/m/nothing").status == 404)
        }
    }

    @Test("a part that is turned off is not there, nor in the menu")
    func sections() async throws {
        try await CentreHouse.with { house in
            let phone = try await house.phone(of: house.ann.account)
            try await house.settings { $0.sections = [.tier, .coupons] }
            let home = try await phone.get("/m").text
            #expect(home.contains("/m/coupons") && !home.contains("/m/points") && !home.contains("1,000"))
            #expect(!home.contains("/m/inbox"))
            for page in [
                "/m/inbox", "/m/inbox/1", "/m/points", "/m/points/statement.json", "/m/rewards", "/m/claims",
                "/m/transfer", "/m/donate",
            ] {
                #expect(try await phone.get(page).status == 404, "\(page)")
            }
            #expect(try await phone.post("/m/transfer", ["amount": "1"]).status == 404)
            #expect(try await phone.post("/m/inbox/1/reads").status == 404)
        }
    }

    @Test("staff look on and do nothing; settings are kept when something is wrong, and guarded against two editors")
    func staff() async throws {
        try await CentreHouse.with { house in
            let (_, reward) = try await Self.fill(house)
            let opened = try await house.staff.post("/members/\(house.ann.account)/centre/preview")
            #expect(opened.location.hasPrefix("/m/l/"))
            #expect(try await house.staff.get(opened.location).location == "/m")
            let page = try await house.staff.get("/m?lang=en")
            #expect(page.text.contains("Preview for staff"))
            #expect(try await house.staff.post("/m/rewards/\(reward)/claims", ["key": "aaaaaaaa"]).status == 422)
            let refused = try await house.staff.post(
                "/m/rewards/\(reward)/claims", ["key": "aaaaaaaa", "name": "x", "phone": "1", "address": "x"])
            #expect(refused.status == 403 && refused.text.contains("Only a preview"))
            let path = "/settings/member-centre"
            let form = try await house.staff.get(path)
            let revision = String(try #require(form.text.firstMatch(of: /name="revision" value="([^"]+)"/)?.1))
            var fields = [
                "on": "1", "brand_name": "Tea", "colour": "green", "section": "tier", "causes": "植树 | Trees\nBooks",
                "link_hours": "24", "session_hours": "2", "audience": "shop", "revision": revision,
            ]
            let wrong = try await house.staff.post(path, fields)
            #expect(wrong.status == 422 && wrong.text.contains("six hexadecimal") && wrong.text.contains("Books"))
            fields["colour"] = "#ffcc00"
            #expect(try await house.staff.post(path, fields).status == 303)
            #expect(try await house.staff.post(path, fields).status == 409)
            let saved = try await house.harness.platform.store.read { try CentreSettings.load($0) }
            #expect(saved.sections == [.tier] && saved.causes.map { $0.name("en") } == ["Trees", "Books"])
            #expect(CentreColour(saved.colour)?.ink == "#000000" && CentreColour("#fff") == nil)
            let style = try await Browser(harness: house.harness).get("/m/brand/ffcc00.css").text
            #expect(style.contains("--brand-ink: #000000"))
            #expect(try await Browser(harness: house.harness).get("/m/brand/x%3B.css").status == 404)
            let icon = try await Browser(harness: house.harness).get("/m/brand/ffcc00.svg")
            #expect(icon.status == 200 && icon.text.contains("fill=\"#ffcc00\""))
            #expect(try await Browser(harness: house.harness).get("/m/brand/x%3B.svg").status == 404)
        }
    }
}
