import Testing

@testable import Engine

/// What is printed is the rule, the whole rule, in both languages.
@Suite("Printed restrictions")
struct CouponPrintTests {
    private static let names = CouponPrint.Names(
        segments: [7: "Loyal"], tiers: ["gold": ["en": "Gold", "zh-Hans": "金卡"]])

    private static func printed(
        _ rule: CouponRule, _ field: CouponRule.Field
    ) -> (english: String, chinese: String) {
        func line(_ language: CriteriaLanguage) -> String {
            CouponPrint(language, CouponRuleTests.calendar, names).lines(rule).first { $0.field == field }?.text ?? ""
        }
        return (line(.english), line(.chinese))
    }

    private static let plain = CouponRule(.amount(5_000, keepsRest: false), currency: "CNY")

    /// For every field a rule that says something there, and what is then printed. A new field does not compile without.
    private static func said(
        _ field: CouponRule.Field
    ) -> (change: (inout CouponRule) -> Void, english: String, chinese: String) {
        switch field {
        case .benefit:
            (
                { $0.benefit = .percent(1_550, max: 10_050) }, "15.5% off the goods, at most ¥100.50.",
                "适用商品享 8.45 折（优惠 15.5%），最多优惠 ¥100.50。"
            )
        case .currency: ({ $0.currency = "JPY" }, "For orders in JPY.", "以 JPY 计价的订单可用。")
        case .minimum:
            (
                { $0.minimum = 123_456_700 },
                "From ¥1,234,567 of goods it holds for, before discounts and shipping.",
                "适用商品满 ¥1,234,567（优惠前，不含运费）可用。"
            )
        case .products:
            (
                { $0.products = CouponScope(only: ["A", "B"], except: ["C"]) }, "Products: only A, B; not C.",
                "商品：仅限 A、B，不含 C。"
            )
        case .categories: ({ $0.categories.except = ["Gifts"] }, "Categories: not Gifts.", "品类：不含 Gifts。")
        case .brands: ({ $0.brands.only = ["Lu"] }, "Brands: only Lu.", "品牌：仅限 Lu。")
        case .stores: ({ $0.stores.only = ["sh-01"] }, "Stores: only sh-01.", "门店：仅限 sh-01。")
        case .channels: ({ $0.channels.only = ["app"] }, "Channels: only app.", "渠道：仅限 app。")
        case .weekdays: ({ $0.weekdays = [1, 5] }, "Only on Monday, Friday.", "仅限周一、周五。")
        case .hours:
            (
                { $0.hours = [CouponHours(from: 570, until: 1_440)] }, "Only 09:30–24:00 (Asia/Shanghai).",
                "仅限 09:30–24:00（Asia/Shanghai 时间）。"
            )
        case .blackouts:
            (
                {
                    $0.blackouts = [
                        CouponDays(from: 20_000, through: 20_000), CouponDays(from: 20_010, through: 20_012),
                    ]
                },
                "Not on 2024-10-04, 2024-10-14 to 2024-10-16.", "以下日期不可用：2024-10-04、2024-10-14 至 2024-10-16。"
            )
        case .isFirstOrderOnly: ({ $0.isFirstOrderOnly = true }, "Only for your first order.", "仅限首单。")
        case .tiers: ({ $0.tiers = ["gold"] }, "Only for the tier Gold.", "仅限等级：金卡。")
        case .segment: ({ $0.segment = 7 }, "Only for people of “Loyal”.", "仅限“Loyal”人群。")
        case .validity:
            (
                { $0.validity = CouponValidity(from: CouponRuleTests.now, days: 30) },
                "Valid from 2026-06-01 10:00, for 30 days from issue, to the end of the day.",
                "有效期：2026-06-01 10:00起，领取后 30 天内，至当日结束。"
            )
        case .limits:
            (
                { $0.limits = CouponRuleLimits(issued: 4, issuedPerPerson: 3, used: 2, usedPerPerson: 1) },
                "one order for each person; 2 orders in all; 3 to each person; 4 issued in all.",
                "每人限用 1 次，总共限用 2 次，每人限领 3 张，共发放 4 张。"
            )
        case .stacking:
            (
                { $0.stacking = CouponStacking(group: "gifts", mode: .sum) },
                "Together with others of the group “gifts” and of other groups.", "“gifts”组内可叠加，也可与其他组的优惠券同用。"
            )
        }
    }

    @Test(
        "every field is printed in both languages, and a change of it changes its line",
        arguments: CouponRule.Field.allCases)
    func everyField(field: CouponRule.Field) {
        let (change, english, chinese) = Self.said(field)
        var rule = Self.plain
        change(&rule)
        let (now, before) = (Self.printed(rule, field), Self.printed(Self.plain, field))
        #expect(now.english == english)
        #expect(now.chinese == chinese)
        #expect(now.english != before.english && now.chinese != before.chinese)
    }

    @Test("an end where a day begins is told as the last day that counts, and any other with its time")
    func ends() {
        let calendar = CouponRuleTests.calendar
        let day = LocalCalendar.day(fromText: "2026-12-31") ?? 0
        let midnight = calendar.start(ofDay: day)
        func said(_ validity: CouponValidity) -> [String] {
            var rule = Self.plain
            rule.validity = validity
            let printed = Self.printed(rule, .validity)
            return [printed.english, printed.chinese]
        }
        #expect(said(CouponValidity(until: midnight)) == ["Valid through 2026-12-30.", "有效期：至 2026-12-30。"])
        #expect(
            said(CouponValidity(until: midnight.adding(milliseconds: 9 * 3_600_000)))
                == ["Valid until 2026-12-31 09:00.", "有效期：至 2026-12-31 09:00。"])
        #expect(said(CouponValidity(from: midnight)) == ["Valid from 2026-12-31.", "有效期：2026-12-31起。"])
        func refused(_ refusal: CouponRefusal) -> [String] {
            CriteriaLanguage.allCases.map { CouponPrint($0, calendar).text(refusal, currency: "CNY") }
        }
        #expect(Set(refused(.expired(at: midnight))) == ["It was valid through 2026-12-30.", "已过期，有效期至 2026-12-30。"])
        #expect(Set(refused(.notYetValid(from: midnight))) == ["It is valid from 2026-12-31.", "2026-12-31 起可用。"])
    }

    @Test("no field of a stored rule is without a line, and every part of a field is printed")
    func complete() throws {
        let members = try #require(Self.plain.json.objectValue)
        #expect(Set(members.keys) == Set(CouponRule.Field.allCases.map(\.rawValue)))
        // One leaf after the other takes another value; what is printed is another text each time.
        var full = Self.plain
        for field in CouponRule.Field.allCases { Self.said(field).change(&full) }
        full.validity.until = CouponRuleTests.now.adding(days: 90)
        let variants: [(inout CouponRule) -> Void] = [
            { $0.benefit = .percent(1_550, max: nil) }, { $0.benefit = .percent(1_551, max: 10_050) },
            { $0.benefit = .amount(1, keepsRest: false) }, { $0.benefit = .amount(1, keepsRest: true) },
            { $0.benefit = .freeItem(skus: ["a"], quantity: 1) }, { $0.benefit = .freeItem(skus: ["a"], quantity: 2) },
            { $0.benefit = .freeItem(skus: ["b"], quantity: 2) }, { $0.benefit = .shipping(max: nil) },
            { $0.benefit = .shipping(max: 5) }, { $0.products.only = [] }, { $0.products.except = [] },
            { $0.validity.from = nil }, { $0.validity.until = nil }, { $0.validity.days = nil },
            { $0.limits.issued = nil }, { $0.limits.issuedPerPerson = nil }, { $0.limits.used = nil },
            { $0.limits.usedPerPerson = nil }, { $0.stacking.group = "x" }, { $0.stacking.mode = .bestOf },
            { $0.stacking.mode = .exclusive },
        ]
        for language in CriteriaLanguage.allCases {
            let print = CouponPrint(language, CouponRuleTests.calendar, Self.names)
            var seen: Set<[String]> = [print.text(full)]
            for variant in variants {
                var rule = full
                variant(&rule)
                #expect(seen.insert(print.text(rule)).inserted, "\(rule)")
            }
        }
    }

    @Test("a rule goes through JSON unchanged")
    func json() throws {
        var full = Self.plain
        for field in CouponRule.Field.allCases { Self.said(field).change(&full) }
        for benefit: CouponBenefit in [
            .amount(5, keepsRest: true), .percent(5, max: nil), .freeItem(skus: ["x"], quantity: 2), .shipping(max: 9),
        ] {
            full.benefit = benefit
            #expect(try CouponRule(stored: full.json.text()) == full)
        }
    }

    @Test("headlines say it as a shop would")
    func headlines() {
        func said(_ benefit: CouponBenefit, _ minimum: Int64, _ language: CriteriaLanguage) -> String {
            var rule = CouponRule(benefit, currency: "CNY")
            rule.minimum = minimum
            return CouponPrint(language, CouponRuleTests.calendar).headline(rule)
        }
        #expect(said(.amount(5_000, keepsRest: false), 30_000, .chinese) == "满 ¥300 减 ¥50")
        #expect(said(.amount(5_000, keepsRest: false), 30_000, .english) == "¥50 off from ¥300")
        #expect(said(.percent(1_500, max: nil), 0, .chinese) == "8.5 折")
        #expect(said(.percent(2_000, max: nil), 0, .english) == "20% off")
        #expect(said(.shipping(max: nil), 9_900, .chinese) == "满 ¥99 免运费")
        #expect(said(.freeItem(skus: ["CUP", "TIN"], quantity: 1), 0, .english) == "CUP or TIN free")
    }
}
