/// Around the day on which the member joined, in later years: `{"kind": "anniversary", "within": "day"}`.
package struct AnniversaryCondition: EarningCondition {
    package static let kind = "anniversary"
    package static let form = CriteriaForm(
        "member", "入会周年", "Anniversary", [.init("within", "choice", "", "", choices: YearlySpan.choices)])
    /// The days of joining themselves are no anniversary.
    private static let daysLeast: Int64 = 180

    private let span: YearlySpan

    package init(_ reader: CriteriaReader) {
        span = reader.choice("within", orElse: .month) ?? .month
    }

    package var json: [String: JSONValue] { ["within": .string(span.rawValue)] }

    package func holds(_ facts: EarningFacts) -> Bool {
        let joined = facts.clock.calendar.day(of: facts.member.since)
        return facts.day - joined > Self.daysLeast && span.contains(facts.day, of: joined)
    }

    package func finding(_ facts: EarningFacts) -> String {
        LocalCalendar.text(ofDay: facts.clock.calendar.day(of: facts.member.since))
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("入会周年\(span.words(.chinese))", "in the \(span.words(.english)) of the anniversary of joining")
    }
}
