import Storage

/// Points for each order that was placed and kept: `{"kind": "order", "points": 30}`.
package struct OrderScoreRule: ScoreRuleKind {
    package static let kind = "order"
    package static let form = CriteriaForm("orders", "每笔订单", "Each order", [])

    package init(_ reader: CriteriaReader) {}

    package var json: [String: JSONValue] { [:] }
    package var needsOrders: Bool { true }

    package func occurrences(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> [ScoreOccurrence] {
        var days: [Int64: Int64] = [:]
        for order in subject.orders {
            days[clock.calendar.day(of: Timestamp(milliseconds: order.ms)), default: 0] += 1
        }
        return days.sorted { $0.key < $1.key }.map { ScoreOccurrence(day: $0.key, count: $0.value) }
    }

    package func words(_ phrases: CriteriaPhrases) -> String { phrases.language("每笔订单", "each order") }
}
