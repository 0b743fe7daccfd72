/// Around the member's birthday: `{"kind": "birthday", "within": "month"}`; the trait `birthday` says when that is.
package struct BirthdayCondition: EarningCondition {
    package static let kind = "birthday"
    package static let form = CriteriaForm(
        "member", "生日", "Birthday", [.init("within", "choice", "", "", choices: YearlySpan.choices)])
    private static let traits = ["birthday", "birthdate", "date_of_birth", "birth_date"]

    private let span: YearlySpan

    package init(_ reader: CriteriaReader) {
        span = reader.choice("within", orElse: .month) ?? .month
    }

    package var json: [String: JSONValue] { ["within": .string(span.rawValue)] }

    package func holds(_ facts: EarningFacts) -> Bool {
        guard let date = Self.birthday(facts) else { return false }
        let day = Timestamp.day(year: date / 10_000, month: date / 100 % 100, dayOfMonth: date % 100)
        return day.map { span.contains(facts.day, of: $0) } ?? false
    }

    private static func birthday(_ facts: EarningFacts) -> Int64? {
        traits.lazy.compactMap { facts.subject.traits.first($0)?.date }.first { $0 != CriteriaValue.noDate }
    }

    package func finding(_ facts: EarningFacts) -> String {
        guard let date = Self.birthday(facts) else { return "" }
        return "\(date / 100 % 100)-\(date % 100)"
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("生日\(span.words(.chinese))", "in the \(span.words(.english)) of the birthday")
    }
}
