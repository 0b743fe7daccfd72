import Engine
import Foundation
import Testing

@testable import Web

@Suite("Coupon pages") struct CouponPageTests {
    private static let fields = [
        "name": "Spring", "kind": "amount", "amount": "50", "minimum": "300", "currency": "CNY", "days": "30",
        "stacking": "best_of", "categories_only": "tea, cups", "hours": "09:00-18:00",
        "blackouts": "2027-02-06..2027-02-12",
    ]

    @Test("a coupon is written with its print beside it, shown, changed, paused, ended; what is wrong is told")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/coupons").text.contains("No coupons yet"))
            #expect(try await browser.get("/coupons/new").text.contains("c-amount"))
            var fields = Self.fields
            fields["hours"] = "nine to five"
            let printed = try await browser.post("/coupons/print", fields)
            #expect(printed.text.contains("Check “Hours”"))
            let wrong = try await browser.post("/coupons", fields)
            #expect(wrong.status == 422 && wrong.text.contains("nine to five") && wrong.text.contains("Check “Hours”"))
            let shown = try await browser.post("/coupons/print", Self.fields)
            #expect(shown.text.contains("¥50 off from ¥300") && shown.text.contains("满 ¥300 减 ¥50"))
            let made = try await browser.post("/coupons", Self.fields)
            #expect(made.status == 303)
            let page = try await browser.get(made.location)
            #expect(page.text.contains("Categories: only tea, cups.") && page.text.contains("Version 1"))
            let form = try await browser.get(made.location + "/edit")
            #expect(form.text.contains("2027-02-06..2027-02-12") && form.text.contains("09:00-18:00"))
            let revision = try #require(form.text.firstMatch(of: /name="revision" value="([0-9a-f]+)"/)).1
            fields = Self.fields
            fields["revision"] = String(revision)
            fields["amount"] = "60.50"
            #expect(try await browser.post(made.location, fields).status == 303)
            #expect(try await browser.get(made.location).text.contains("¥60.50 off from ¥300"))
            #expect(try await browser.post(made.location, fields).status == 422)
            #expect(try await browser.post(made.location + "/shared", ["code": "spring25"]).status == 303)
            #expect(try await browser.get("/coupons?code=SPRING25").location.hasPrefix("/coupons/codes/"))
            #expect(try await browser.get("/coupons?code=NOPE").text.contains("no such code"))
            let code = try await browser.get("/coupons?code=spring25").location
            #expect(try await browser.get(code).text.contains("Shared"))
            let tried = try await browser.post(
                "/coupons/try/result",
                ["codes": "SPRING25", "sku1": "A", "category1": "tea", "quantity1": "1", "price1": "200"])
            #expect(tried.text.contains("It needs ¥300 of goods"))
            let stranger = try await browser.post(
                "/coupons/try/result",
                ["person": "Nobody Such", "sku1": "A", "quantity1": "1", "price1": "200"])
            #expect(stranger.text.contains("Nobody is known by that"))
            #expect(try await browser.post(code + "/void", ["reason": "typo"]).status == 303)
            #expect(try await browser.get(code).text.contains("Voided"))
            #expect(try await browser.post(made.location + "/delete").status == 422)
            #expect(try await browser.post(made.location + "/status", ["status": "ended"]).status == 303)
            #expect(try await browser.post(made.location + "/shared", ["code": "other"]).status == 422)
        }
    }

    @Test("codes are drawn with progress and saved; what is easily guessed is refused")
    func batch() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            #expect(try await browser.get("/coupons/new").status == 200)
            let made = try await browser.post("/coupons", Self.fields)
            #expect(made.status == 303)
            let easy = try await browser.post(made.location + "/batches", ["pattern": "AB-##C", "count": "1000"])
            #expect(easy.status == 422 && easy.text.contains("could be guessed"))
            #expect(
                try await browser.post(made.location + "/batches", ["pattern": "AB-########C", "count": "1000"]).status
                    == 303)
            let page = try await browser.get(made.location).text
            let batch = try #require(page.firstMatch(of: /\/coupons\/batches\/[0-9]+/)).0
            #expect(try await browser.get(String(batch)).text.contains("Being drawn"))
            _ = try await JobRunner(platform: harness.platform).drain()
            let done = try await browser.get(batch + "/progress").text
            #expect(done.contains("Ready") && !done.contains("hx-get"))
            let file = try await browser.get(batch + "/file").text
            #expect(file.split(separator: "\r\n").count == 1_001)
            #expect(try await browser.post(batch + "/void").status == 303)
            #expect(try await browser.get(String(batch)).text.contains("Taken back"))
        }
    }

    @Test("money and codes are read as people write them")
    func fields() throws {
        #expect(CouponForm.decimal("1,234.5", digits: 2) == 123_450 && CouponForm.decimal("12.345", digits: 2) == nil)
        #expect(CouponForm.decimal("-1", digits: 2) == nil && CouponForm.decimal("5", digits: 0) == 5)
        var fields = Self.fields
        fields["kind"] = "percent"
        fields["percent"] = "12.5"
        fields["max"] = "80"
        fields["products_except"] = "A，B、A\nC"
        fields["valid_until"] = "2027-01-01T00:00"
        let workspace = Workspace()
        let rule = try CouponForm(Fields(fields.map { ($0.key, $0.value) }), workspace).rule()
        #expect(rule.benefit == .percent(1_250, max: 8_000) && rule.products.except == ["A", "B", "C"])
        let again = try CouponForm(CouponForm.fields("x", rule, workspace), workspace).rule()
        #expect(again == rule)
    }
}
