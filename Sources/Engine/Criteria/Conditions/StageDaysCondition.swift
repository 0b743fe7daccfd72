import Storage

/// Since how many calendar days the person has been in the present stage:
/// `{"kind": "stage_days", "is": "at_least", "value": 30}`. On the day of the change it is 0.
package struct StageDaysCondition: CriteriaCondition {
    package static let kind = "stage_days"
    package static let form = CriteriaForm(
        "standing", "在当前阶段的天数", "Days in the present stage", [.init("compare", "number")])

    private var range: NumberRange

    package init(_ reader: CriteriaReader) { range = NumberRange(reader) }

    package var json: [String: JSONValue] { range.json }
    package var dependsOnTime: Bool { true }

    package var claim: CriteriaClaim { CriteriaClaim(Self.kind, range) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        days(subject, clock).map { range.contains($0 * CriteriaValue.scale) } ?? false
    }

    private func days(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> Int64? {
        subject.profile.stageSinceMS.map { clock.today - clock.calendar.day(of: Timestamp(milliseconds: $0)) }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let zone = compiler.clock.calendar.timeZone
        let days: AnalyticsSQL =
            "(\(compiler.clock.today) - toInt64(toRelativeDayNum(toDate(stage_since_ts, \(zone))))) * \(CriteriaValue.scale)"
        return compiler.profile("toUnixTimestamp(stage_since_ts) > 0 AND \(range.sql(days))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language(
            "在当前阶段 \(range.words(.chinese, unit: " 天"))",
            "has been in the stage for \(range.words(.english)) \(range.noun("day"))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        guard let days = days(subject, clock) else { return phrases.language("没有", "none") }
        return phrases.language("\(days) 天", EnglishCount.text(days, "day"))
    }
}
