import Testing

@testable import Engine

/// The announced rules are complete: no field of a ladder can change without the text changing, in either language.
@Suite("Tier text")
struct TierTextTests {
    private static let ladder = TierLadder(
        tiers: [
            Tier(
                code: "member", names: ["en": "Member", "zh-Hans": "普通"],
                benefits: [Benefit(code: "hello", kind: .gift, occasion: .entry, uses: 1, validDays: 30, quota: 9)]),
            Tier(
                code: "silver", names: ["en": "Silver", "zh-Hans": "银卡"],
                rule: TierRule(
                    [
                        TierIndicator("spend", 50_000, weight: 60),
                        TierIndicator("growth", 300, weight: 40, currency: "stars"),
                    ], .weighted, needed: 80),
                keep: TierRule([TierIndicator("orders", 2), TierIndicator("rfm", 9)], .any),
                benefits: [
                    Benefit(
                        code: "twice", names: ["en": "Double", "zh-Hans": "双倍"], kind: .multiplier, multiplier: 150)
                ]),
            Tier(
                code: "gold", names: ["en": "Gold", "zh-Hans": "金卡"], rule: TierRule([TierIndicator("points", 900)]),
                benefits: [
                    Benefit(code: "cake", kind: .coupon, occasion: .birthday, coupon: "BD20", uses: 2),
                    Benefit(code: "ship", kind: .shipping, occasion: .monthly, cost: 800),
                ]),
            Tier(code: "black", names: ["en": "Black", "zh-Hans": "黑卡"], admission: .invitation),
            Tier(code: "club", names: ["en": "Club", "zh-Hans": "会所"], admission: .payment),
        ], period: TierPeriod(kind: .calendar, months: 6, startMonth: 4), noticeDays: [30, 7], graceDays: 14,
        isSoft: true)

    private static let ranked = TierLadder(
        tiers: [Tier(code: "base"), Tier(code: "mid"), Tier(code: "top")],
        period: TierPeriod(kind: .calendar, months: 3, startMonth: 2),
        quota: TierQuota(by: TierIndicator("spend", 100), shares: [1, 2, 7], ties: .lower, bandPercent: 10))

    /// Every value of the definition changed, one at a time, with the way to it.
    private static func variants(_ value: JSONValue, _ path: [String]) -> [(path: [String], value: JSONValue)] {
        switch value {
        case .object(let members):
            return members.sorted { $0.key < $1.key }.flatMap { key, inner in
                variants(inner, path + [key]).map { changed in
                    (changed.path, .object(members.merging([key: changed.value]) { $1 }))
                }
            }
        case .array(let elements):
            return elements.indices.flatMap { index in
                variants(elements[index], path + [String(index)]).map { changed in
                    var copy = elements
                    copy[index] = changed.value
                    return (changed.path, .array(copy))
                }
            }
        default: return others(value, path).map { (path, $0) }
        }
    }

    private static func others(_ value: JSONValue, _ path: [String]) -> [JSONValue] {
        let words: [String: [String]] = [
            "combine": TierRule.Combination.allCases.map(\.rawValue),
            "admission": Tier.Admission.allCases.map(\.rawValue),
            "occasion": Benefit.Occasion.allCases.map(\.rawValue),
            "ties": TierQuota.Ties.allCases.map(\.rawValue),
        ]
        let name = path.last ?? ""
        if name == "kind" {
            let kinds =
                path.contains("benefits")
                ? Benefit.Kind.allCases.map(\.rawValue)
                : path.first == "period" ? TierPeriod.Kind.allCases.map(\.rawValue) : QualificationCatalog.kinds
            return kinds.filter { .string($0) != value }.map(JSONValue.string)
        }
        if let words = words[name] { return words.filter { .string($0) != value }.map(JSONValue.string) }
        switch value {
        case .integer(let number): return [.integer(number + 1)]
        case .bool(let flag): return [.bool(!flag)]
        case .string(let text): return [.string(text + "x")]
        default: return []
        }
    }

    @Test("no field is left out of the text", arguments: CriteriaLanguage.allCases)
    func complete(language: CriteriaLanguage) throws {
        let words = TierWords(language, currency: "CNY")
        for ladder in [Self.ladder, Self.ranked] {
            let text = TierText(ladder, words).text
            let json = try JSONValue(parsing: StoredDocument.text(ladder))
            let variants = Self.variants(json, [])
            #expect(variants.count > 20)
            for (path, changed) in variants {
                // A cost is the brand's own business, and so is the code of a benefit that has a name; names are said in one
                // language at a time.
                if path.last == "cost" || path == ["tiers", "1", "benefits", "0", "code"] { continue }
                if path.dropLast().last == "names", path.last != language.rawValue { continue }
                // Nobody but programs knows a tier by its code.
                if path.count == 3, path.first == "tiers", path.last == "code" { continue }
                // The lowest tier is everybody's, whatever is said of getting in; and growth value and points of the same
                // currency are the same.
                if path == ["tiers", "0", "admission"] { continue }
                if path == ["tiers", "1", "rule", "indicators", "1", "kind"] { continue }
                let other = try StoredDocument.value(TierLadder.self, from: changed.text())
                #expect(TierText(other, words).text != text, "\(path.joined(separator: "."))")
            }
        }
    }

    @Test("both languages say every section, and the ladder of the test is one that can be published")
    func sections() throws {
        try Self.ladder.validate()
        try Self.ranked.validate()
        let chinese = TierText(Self.ladder, TierWords(.chinese, currency: "CNY")).sections
        let english = TierText(Self.ladder, TierWords(.english, currency: "CNY")).sections
        #expect(chinese.map(\.lines.count) == english.map(\.lines.count))
        #expect(english.last?.lines.first?.contains("6 months") == true)
        #expect(chinese.first?.title == "会所")
    }

    @Test("what a tier asks for reads as a sentence, with no noun said twice")
    func asked() {
        func text(_ language: CriteriaLanguage, _ rule: TierRule) -> String {
            TierText(Self.ladder, TierWords(language, currency: "CNY")).rule(rule)
        }
        let rules: [(indicator: TierIndicator, english: String, chinese: String)] = [
            (TierIndicator("spend", 200_000), "net spend of at least ¥2,000", "净消费不少于 ¥2,000"),
            (TierIndicator("orders", 12), "at least 12 orders", "至少 12 笔订单"),
            (TierIndicator("orders", 1), "at least 1 order", "至少 1 笔订单"),
            (TierIndicator("growth", 3_000), "at least 3,000 growth value earned", "获得至少 3,000 成长值"),
            (TierIndicator("points", 5_000), "at least 5,000 points earned", "获得至少 5,000 积分"),
            (TierIndicator("points", 1), "at least 1 point earned", "获得至少 1 积分"),
            (TierIndicator("rfm", 12), "an RFM score of at least 12", "RFM 得分不少于 12 分"),
        ]
        for rule in rules {
            #expect(text(.english, TierRule([rule.indicator])) == rule.english)
            #expect(text(.chinese, TierRule([rule.indicator])) == rule.chinese)
        }
        let either = TierRule([TierIndicator("spend", 200_000), TierIndicator("orders", 6)], .any)
        #expect(text(.english, either) == "net spend of at least ¥2,000 or at least 6 orders")
        #expect(text(.chinese, either) == "净消费不少于 ¥2,000或至少 6 笔订单")
        let weighted = TierRule(
            [TierIndicator("orders", 6, weight: 60), TierIndicator("growth", 300, weight: 40)], .weighted, needed: 80)
        #expect(
            text(.english, weighted).hasPrefix(
                "orders (target 6, weight 60%) and growth value earned (target 300, weight 40%)"))
        #expect(text(.chinese, weighted).hasPrefix("订单数（目标 6 笔，权重 60%）和获得的成长值（目标 300，权重 40%）"))
        let reading = TierReading(
            combine: .all, parts: [TierReading.Part(indicator: TierIndicator("orders", 6), value: 4)], score: nil,
            needed: nil, holds: false)
        #expect(TierWords(.english, currency: "CNY").found(reading) == "orders: 4 of 6")
        #expect(TierWords(.chinese, currency: "CNY").found(reading) == "订单数：4 笔（需 6 笔）")
    }

    @Test("what cannot be used is refused with the field")
    func refused() {
        func field(_ change: (inout TierLadder) -> Void) -> String? {
            var ladder = Self.ladder
            change(&ladder)
            do { try ladder.validate() } catch TierError.invalidLadder(let field, _) { return field } catch {
                return nil
            }
            return nil
        }
        #expect(field { $0.tiers[1].rule = nil } == "tiers.1.rule")
        #expect(field { $0.tiers[1].rule?.indicators[0].weight = 50 } == "tiers.1.rule.indicators")
        #expect(field { $0.tiers[2].rule?.indicators[0].kind = "love" } == "tiers.2.rule.indicators.0")
        #expect(field { $0.tiers[3].rule = TierRule([TierIndicator("spend", 1)]) } == "tiers.3.rule")
        #expect(field { $0.tiers[1].code = "member" } == "tiers")
        #expect(field { $0.tiers[1].benefits[0].multiplier = nil } == "tiers.1.benefits.0.multiplier")
        #expect(field { $0.noticeDays = [7, 30] } == "notice_days")
        #expect(field { $0.period.months = 7 } == "period")
        #expect(field { $0.quota = Self.ranked.quota } == "tiers.1.rule")
    }
}
