import Storage

/// Since how many calendar days the member has had the present tier:
/// `{"kind": "tier_days", "is": "at_least", "value": 90}`. On the day of the change it is 0.
package struct MemberTierDaysCondition: CriteriaCondition {
    package static let kind = "tier_days"
    package static let form = CriteriaForm(
        "standing", "在当前等级的天数", "Days in the present tier", [.init("compare", "number")])

    private var range: NumberRange

    package init(_ reader: CriteriaReader) { range = NumberRange(reader) }

    package var json: [String: JSONValue] { range.json }
    package var claim: CriteriaClaim { CriteriaClaim("tier_days", range) }
    package var dependsOnTime: Bool { true }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        days(subject, clock).map { range.contains($0 * CriteriaValue.scale) } ?? false
    }

    private func days(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> Int64? {
        guard subject.profile.tier != nil else { return nil }
        return subject.profile.tierSinceMS.map { clock.today - clock.calendar.day(of: Timestamp(milliseconds: $0)) }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let zone = compiler.clock.calendar.timeZone
        let days: AnalyticsSQL =
            "(\(compiler.clock.today) - toInt64(toRelativeDayNum(toDate(tier_since_ts, \(zone))))) * \(CriteriaValue.scale)"
        return compiler.profile("tier != '' AND toUnixTimestamp(tier_since_ts) > 0 AND \(range.sql(days))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language(
            "在当前等级 \(range.words(.chinese, unit: " 天"))",
            "has had the tier for \(range.words(.english)) \(range.noun("day"))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        guard let days = days(subject, clock) else { return phrases.language("没有", "none") }
        return phrases.language("\(days) 天", EnglishCount.text(days, "day"))
    }
}
