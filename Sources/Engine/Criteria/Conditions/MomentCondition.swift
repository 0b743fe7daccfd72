import Storage

/// A day in the person's history: `{"kind": "moment", "moment": "last_order", "is": "in_last_days", "days": 30}`.
package struct MomentCondition: CriteriaCondition {
    package static let kind = "moment"
    package static let form = CriteriaForm(
        "standing", "时间点", "Moment",
        [
            .init(
                "moment", "choice",
                choices: [
                    .init("first_seen", "首次出现", "first seen"), .init("last_seen", "最近出现", "last seen"),
                    .init("identified", "实名", "identified"), .init("first_order", "首单", "first order"),
                    .init("last_order", "最近一单", "last order"), .init("stage_since", "进入当前阶段", "stage began"),
                ]), .init("test", "dateTest"),
        ])

    enum Moment: String, CaseIterable {
        case firstSeen = "first_seen"
        case lastSeen = "last_seen"
        case identified
        case firstOrder = "first_order"
        case lastOrder = "last_order"
        case stageSince = "stage_since"
    }

    private var moment: Moment
    private var test: ValueTest

    package init(_ reader: CriteriaReader) {
        moment = reader.choice("moment") ?? .firstSeen
        test = ValueTest(reader, dates: true)
        switch test {
        case .date, .set: break
        default: reader.note("is", .unknownChoice(reader.text("is"), allowed: ["set"] + ValueTest.dateWords))
        }
    }

    package var json: [String: JSONValue] { test.json.merging(["moment": .string(moment.rawValue)]) { $1 } }
    package var dependsOnTime: Bool { test.dependsOnTime }

    package var claim: CriteriaClaim { CriteriaClaim("moment \(moment.rawValue)", test.claimed) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        guard let date = date(subject.profile, clock) else { return false }
        return test.passes(CriteriaValue(text: "", number: CriteriaValue.noNumber, date: date), clock)
    }

    private func date(_ profile: Profile, _ clock: CriteriaClock) -> Int64? {
        let ms =
            switch moment {
            case .firstSeen: Optional(profile.firstSeenMS)
            case .lastSeen: profile.lastSeenMS
            case .identified: profile.identifiedMS
            case .firstOrder: profile.firstOrderMS
            case .lastOrder: profile.lastOrderMS
            case .stageSince: profile.stageSinceMS
            }
        return ms.map { CriteriaValue.date(ofDay: clock.calendar.day(of: Timestamp(milliseconds: $0))) }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let column = AnalyticsSQL(text: moment.rawValue + "_ts")
        let date: AnalyticsSQL =
            "toInt64(toYYYYMMDD(toDate(\(column), \(compiler.clock.calendar.timeZone))))"
        let inner = test.sql(text: "''", number: "0", date: date, compiler.clock)
        return compiler.profile("toUnixTimestamp(\(column)) > 0 AND \(inner)")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let name =
            switch moment {
            case .firstSeen: language("首次出现", "first seen")
            case .lastSeen: language("最近出现", "last seen")
            case .identified: language("实名时间", "identification")
            case .firstOrder: language("首单", "first order")
            case .lastOrder: language("最近一单", "last order")
            case .stageSince: language("进入当前阶段", "beginning of the stage")
            }
        return language("\(name)\(test.words(.chinese))", "\(name) \(test.words(.english))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        guard let date = date(subject.profile, clock) else { return phrases.language("没有", "never") }
        let text = String(date)
        return "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))"
    }
}
