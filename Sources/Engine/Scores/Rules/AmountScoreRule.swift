import Storage

/// Points for what orders come to, net of returns: `{"kind": "amount", "per": 100, "points": 5}` gives 5 for every whole 100
/// in the workspace's currency that a day's orders come to.
package struct AmountScoreRule: ScoreRuleKind {
    package static let kind = "amount"
    package static let form = CriteriaForm(
        "orders", "消费金额", "Spend", [.init("per", "decimal", "每满", "for every")])

    /// Ten-thousandths of a unit of currency.
    private let per: Int64

    package init(_ reader: CriteriaReader) {
        let value = reader.decimal("per")
        if reader.value("per") != nil, value <= 0 { reader.note("per", .outOfRange("> 0")) }
        per = max(value, 1)
    }

    package var json: [String: JSONValue] { ["per": NumberRange.json(per)] }
    package var needsOrders: Bool { true }

    package func occurrences(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> [ScoreOccurrence] {
        var days: [Int64: Int64] = [:]
        for order in subject.orders {
            days[clock.calendar.day(of: Timestamp(milliseconds: order.ms)), default: 0] &+= order.net
        }
        return days.sorted { $0.key < $1.key }.map { day, net in
            // Whole units, towards zero: 199 at one per 100 is one.
            let spent = max(net, 0).multipliedReportingOverflow(by: clock.perMinorUnit)
            return ScoreOccurrence(day: day, count: (spent.overflow ? Int64.max : spent.partialValue) / per)
        }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("每消费满 \(NumberRange.text(per))", "each \(NumberRange.text(per)) spent")
    }
}
