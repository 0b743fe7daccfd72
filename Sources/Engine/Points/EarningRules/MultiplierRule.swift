/// More of what other rules give: `{"kind": "multiplier", "times": 2, "rules": ["base"]}` gives as much again.
///
/// It multiplies what the other rules gave in its currency after their caps, all of them unless it names some, for the
/// lines that its conditions admit. Two multipliers add up (2 × and 3 × are 4 ×) unless a group says otherwise.
package struct MultiplierRule: EarningRuleKind {
    package static let kind = "multiplier"
    package static let trigger = EarningTrigger.award
    package static let form = CriteriaForm(
        "multiply", "积分倍数", "Multiplier",
        [
            .init("times", "decimal", "倍数", "times"), .init("rules", "rules", "作用于规则", "of the rules"),
            .init(
                "rounding", "choice", "取整", "rounded",
                choices: [
                    .init("down", "舍去小数", "down"), .init("nearest", "四舍五入", "to the nearest"), .init("up", "进位", "up"),
                ]),
        ])

    /// Ten-thousandths.
    private let times: Int64
    package let rules: [String]
    private let rounding: EarningRounding

    package init(_ reader: CriteriaReader) {
        times = reader.decimal("times")
        if times <= CriteriaValue.scale || times > 1_000 * CriteriaValue.scale {
            reader.note("times", .outOfRange("> 1, ≤ 1000"))
        }
        rules = reader.has("rules") ? Array(Set(reader.texts("rules"))).sorted() : []
        rounding = reader.choice("rounding", orElse: .down) ?? .down
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["times": NumberRange.json(times), "rounding": .string(rounding.rawValue)]
        if !rules.isEmpty { members["rules"] = .array(rules.map(JSONValue.string)) }
        return members
    }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        let admitted = facts.order == nil ? nil : Set(lines.map(\.key))
        let whole = facts.order.map { $0.lines.count == lines.count } ?? true
        var byLine: [(line: String, points: Int64)] = []
        for part in given.filter({ rules.isEmpty || rules.contains($0.rule) }).flatMap(\.parts) {
            guard admitted?.contains(part.line) ?? true || (whole && part.line == EarningLine.shippingKey) else {
                continue
            }
            if let place = byLine.firstIndex(where: { $0.line == part.line }) {
                byLine[place].points += part.points
            } else {
                byLine.append((part.line, part.points))
            }
        }
        let base = byLine.reduce(0) { $0 + $1.points }
        guard base > 0 else { return .nothing(.nothingToMultiply) }
        let extra = rounding.points(base, times - CriteriaValue.scale, per: CriteriaValue.scale)
        let shares = EarningRounding.spread(extra, over: byLine.map(\.points))
        return EarningReward(
            zip(byLine, shares).map { EarningPart(line: $0.line, basis: $0.points, points: $1) })
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let of = rules.map { "“\(phrases.rule($0))”" }.joined(separator: language("、", " and "))
        let what =
            rules.isEmpty
            ? language("其他规则的积分", "what other rules give")
            : language("规则\(of)的积分", "what \(of) \(rules.count == 1 ? "gives" : "give")")
        return language(
            "\(what) × \(NumberRange.text(times))（\(rounding.words(language))）",
            "\(NumberRange.text(times)) × \(what) (\(rounding.words(language)))")
    }
}
