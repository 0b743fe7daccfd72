/// Orders of a certain sum, without tax and shipping: `{"kind": "order_sum", "is": "at_least", "value": 300}`.
package struct OrderSumCondition: EarningCondition {
    package static let kind = "order_sum"
    package static let isAboutOrders = true
    package static let form = CriteriaForm("order", "订单金额", "Order sum", [.init("", "compare", "", "")])

    private let range: NumberRange

    package init(_ reader: CriteriaReader) {
        range = NumberRange(reader)
    }

    package var json: [String: JSONValue] { range.json }

    package func holds(_ facts: EarningFacts) -> Bool {
        guard let order = facts.order else { return false }
        let (scaled, overflow) = order.sum.multipliedReportingOverflow(by: facts.clock.perMinorUnit)
        return range.contains(overflow ? .max : scaled)
    }

    package func finding(_ facts: EarningFacts) -> String {
        facts.order.map { NumberRange.text($0.sum * facts.clock.perMinorUnit) } ?? ""
    }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        guard let other = other as? OrderSumCondition else { return false }
        let (mine, theirs) = (range.closed, other.range.closed)
        return max(mine.low, theirs.low) > min(mine.high, theirs.high)
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language(
            "订单商品金额\(range.words(.chinese))", "the order’s goods come to \(range.words(.english))")
    }
}
