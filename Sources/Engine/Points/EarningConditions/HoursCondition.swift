/// In these hours of the workspace's day, 0…23: `{"kind": "hours", "hours": [17, 18, 19]}`.
package struct HoursCondition: EarningCondition {
    package static let kind = "hours"
    package static let form = CriteriaForm("moment", "时段", "Hours", [.init("hours", "texts", "", "")])

    private let hours: [Int64]

    package init(_ reader: CriteriaReader) {
        hours = CriteriaNumbers.read(reader, "hours", 0...23)
    }

    package var json: [String: JSONValue] { ["hours": .array(hours.map(JSONValue.integer))] }

    package func holds(_ facts: EarningFacts) -> Bool { hours.contains(facts.clock.calendar.hour(of: facts.time)) }
    package func finding(_ facts: EarningFacts) -> String { "\(facts.clock.calendar.hour(of: facts.time)):00" }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        (other as? HoursCondition).map { Set(hours).isDisjoint(with: $0.hours) } ?? false
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = hours.map { "\($0):00" }.joined(separator: phrases.language("、", ", "))
        return phrases.language("在 \(list) 时段", "in the hours \(list)")
    }
}
