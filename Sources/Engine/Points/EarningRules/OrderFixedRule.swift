/// The same number of points for every order: `{"kind": "order_fixed", "points": 50}`.
///
/// Spread over the lines by what was paid for them, so that a line that comes back takes its share back.
package struct OrderFixedRule: EarningRuleKind {
    package static let kind = "order_fixed"
    package static let trigger = EarningTrigger.order
    package static let form = CriteriaForm(
        "orders", "每笔订单", "Each order", [.init("points", "number", "得", "points")])

    private let points: Int64

    package init(_ reader: CriteriaReader) {
        points = reader.whole("points", in: EarningLimits.points)
    }

    package var json: [String: JSONValue] { ["points": .integer(points)] }
    package var pointsMost: Int64? { points }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        .spread(points, lines) { $0.amount }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("每笔订单得 \(points) 分", "\(EnglishCount.text(points, "point")) for each order")
    }
}
