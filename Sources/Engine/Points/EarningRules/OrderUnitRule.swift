/// Points for pieces: `{"kind": "order_unit", "points": 5, "units": 1}` gives 5 for each piece, for whole numbers of
/// `units` only.
package struct OrderUnitRule: EarningRuleKind {
    package static let kind = "order_unit"
    package static let trigger = EarningTrigger.order
    package static let form = CriteriaForm(
        "orders", "按件数", "Pieces bought",
        [.init("units", "number", "每买", "for every"), .init("points", "number", "件得", "pieces, points")])

    private let points: Int64
    private let units: Int64

    package init(_ reader: CriteriaReader) {
        points = reader.whole("points", in: EarningLimits.points)
        units = reader.whole("units", in: 1...1_000_000, orElse: 1)
    }

    package var json: [String: JSONValue] { ["points": .integer(points), "units": .integer(units)] }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        let pieces = lines.reduce(0) { $0 + max($1.quantity, 0) }
        let worth = EarningRounding.down.points(pieces / units, points, per: 1)
        return .spread(worth, lines) { $0.quantity }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language(
            "每买 \(units) 件得 \(points) 分",
            "\(EnglishCount.text(points, "point")) for every \(EnglishCount.text(units, "piece")) bought")
    }
}
