/// Points for what an order comes to: `{"kind": "order_amount", "points": 1, "per": 10, "rounding": "down"}` gives one
/// for each 10 in the workspace's currency.
///
/// Computed from what was paid for the lines, less their share of the order's discount; with the tax and the shipping
/// where the rule says so. Rounded once for the order and spread over its lines, or line by line.
package struct OrderAmountRule: EarningRuleKind {
    package static let kind = "order_amount"
    package static let trigger = EarningTrigger.order
    package static let form = CriteriaForm(
        "orders", "按消费金额", "Order amount",
        [
            .init("per", "decimal", "每消费", "for every"), .init("points", "number", "得", "points"),
            .init(
                "rounding", "choice", "取整", "rounded",
                choices: [
                    .init("down", "舍去小数", "down"), .init("nearest", "四舍五入", "to the nearest"), .init("up", "进位", "up"),
                ]),
            .init(
                "round_on", "choice", "按", "on",
                choices: [.init("order", "整单", "the order"), .init("line", "每行", "each line")]),
            .init("with_tax", "flag", "含税", "with tax"), .init("with_shipping", "flag", "含运费", "with shipping"),
        ])

    private enum Unit: String, CaseIterable { case order, line }

    private let points: Int64
    /// Ten-thousandths of a unit of currency.
    private let per: Int64
    private let rounding: EarningRounding
    private let unit: Unit
    private let withTax: Bool
    private let withShipping: Bool

    package init(_ reader: CriteriaReader) {
        points = reader.whole("points", in: EarningLimits.points)
        let per = reader.decimal("per")
        if per <= 0 { reader.note("per", .outOfRange("> 0")) }
        self.per = max(per, 1)
        rounding = reader.choice("rounding", orElse: .down) ?? .down
        unit = reader.choice("round_on", orElse: .order) ?? .order
        withTax = reader.value("with_tax")?.boolValue ?? false
        withShipping = reader.value("with_shipping")?.boolValue ?? false
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "points": .integer(points), "per": NumberRange.json(per), "rounding": .string(rounding.rawValue),
        ]
        if unit != .order { members["round_on"] = .string(unit.rawValue) }
        if withTax { members["with_tax"] = true }
        if withShipping { members["with_shipping"] = true }
        return members
    }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        guard let order = facts.order else { return .nothing(.tooLittle) }
        var lines = lines
        // Shipping belongs to the order as a whole: not to a choice of its lines.
        if withShipping, order.shipping > 0, lines.count == order.lines.count {
            lines.append(
                EarningLine(key: EarningLine.shippingKey, product: CriteriaOrder.Line(), amount: order.shipping))
        }
        let basis = { (line: EarningLine) in line.amount + (withTax ? line.tax : 0) }
        let worth = { (amount: Int64) in
            rounding.points(
                amount.multipliedReportingOverflow(by: facts.clock.perMinorUnit).partialValue, points, per: per)
        }
        switch unit {
        case .order: return .spread(worth(lines.reduce(0) { $0 + basis($1) }), lines, by: basis)
        case .line:
            return EarningReward(
                lines.map { EarningPart(line: $0.key, basis: basis($0), points: worth(basis($0))) })
        }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        var how = [rounding.words(language)]
        if unit == .line { how.append(language("逐行计算", "line by line")) }
        how.append(withTax ? language("含税", "with tax") : language("不含税", "without tax"))
        how.append(withShipping ? language("含运费", "with shipping") : language("不含运费", "without shipping"))
        let sum = NumberRange.text(per)
        return language(
            "每消费 \(sum) 得 \(points) 分（\(how.joined(separator: "，"))）",
            "\(EnglishCount.text(points, "point")) for every \(sum) spent (\(how.joined(separator: ", ")))")
    }
}
