/// On these weekdays of the workspace, 1 Monday … 7 Sunday: `{"kind": "weekday", "days": [2, 5]}`.
package struct WeekdayCondition: EarningCondition {
    package static let kind = "weekday"
    package static let form = CriteriaForm("moment", "星期", "Weekday", [.init("days", "weekdays", "", "")])

    private let days: [Int64]

    package init(_ reader: CriteriaReader) {
        days = CriteriaNumbers.read(reader, "days", 1...7)
    }

    package var json: [String: JSONValue] { ["days": .array(days.map(JSONValue.integer))] }

    package func holds(_ facts: EarningFacts) -> Bool { days.contains(facts.clock.calendar.weekday(of: facts.time)) }
    package func finding(_ facts: EarningFacts) -> String { LocalCalendar.text(ofDay: facts.day) }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        (other as? WeekdayCondition).map { Set(days).isDisjoint(with: $0.days) } ?? false
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = days.map { phrases.weekday($0) }.joined(separator: phrases.language("、", ", "))
        return phrases.language("在\(list)", "on \(list)")
    }
}

/// Lists of whole numbers in definitions.
enum CriteriaNumbers {
    /// Sorted, without repeats; notes what lies outside.
    static func read(_ reader: CriteriaReader, _ name: String, _ range: ClosedRange<Int64>) -> [Int64] {
        guard let value = reader.value(name) else {
            reader.note(name, .missing(name))
            return []
        }
        let elements = value.arrayValue ?? [value]
        let numbers = elements.compactMap { $0.intValue ?? $0.stringValue.flatMap { Int64($0) } }
        guard !numbers.isEmpty, numbers.count == elements.count, numbers.allSatisfy(range.contains) else {
            reader.note(name, .outOfRange("\(range.lowerBound)…\(range.upperBound)"))
            return []
        }
        return Array(Set(numbers)).sorted()
    }
}
