/// Points for checking in, once a day, and more for days in a row:
/// `{"kind": "check_in", "event": "Checked In", "points": 5, "streak": [{"days": 7, "points": 50}], "cycle_days": 7}`.
///
/// A day is the workspace's. A check-in that arrives after a later day was counted gives nothing: a streak is never
/// mended afterwards. After `cycle_days` days in a row the count begins anew.
package struct CheckInRule: EarningRuleKind {
    package static let kind = "check_in"
    package static let trigger = EarningTrigger.event
    package static let form = CriteriaForm(
        "events", "签到", "Check-in",
        [
            .init("event", "text", "事件", "event"), .init("points", "number", "每天得", "points a day"),
            .init("streak", "streak", "连续签到奖励", "days in a row"),
            .init("cycle_days", "number", "周期天数", "anew after days"),
        ])

    private struct Step: Equatable {
        var days: Int64
        var points: Int64
    }

    private let event: String
    private let points: Int64
    private let steps: [Step]
    private let cycleDays: Int64

    package init(_ reader: CriteriaReader) {
        event = reader.text("event", orElse: "Checked In")
        points = reader.whole("points", in: EarningLimits.points)
        steps = reader.children("streak", limit: EarningLimits.steps).map { own in
            let step = Step(
                days: own.whole("days", in: 2...366), points: own.whole("points", in: EarningLimits.points))
            own.finish()
            return step
        }.sorted { $0.days < $1.days }
        cycleDays = reader.whole("cycle_days", in: 0...366, orElse: 0)
        if zip(steps, steps.dropFirst()).contains(where: { $0.days == $1.days }) {
            reader.note("streak", .twice("days"))
        }
        if cycleDays > 0, let last = steps.last, last.days > cycleDays {
            reader.note("cycle_days", .outOfRange("0, ≥ \(last.days)"))
        }
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["event": .string(event), "points": .integer(points)]
        if !steps.isEmpty {
            members["streak"] = .array(steps.map { ["days": .integer($0.days), "points": .integer($0.points)] })
        }
        if cycleDays > 0 { members["cycle_days"] = .integer(cycleDays) }
        return members
    }
    package var events: [String] { [event] }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        let before = facts.streak
        if let before, facts.day <= before.day { return .nothing(.already) }
        var length: Int64 = 1
        if let before, facts.day == before.day + 1 { length = before.length + 1 }
        if cycleDays > 0, length > cycleDays { length = 1 }
        let bonus = steps.first { $0.days == length }?.points ?? 0
        var reward = EarningReward([EarningPart(basis: length, points: points + bonus)])
        reward.streak = EarningStreak(day: facts.day, length: length)
        return reward
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        var text = language(
            "每天“\(phrases.event(event))”得 \(points) 分",
            "\(EnglishCount.text(points, "point")) a day for “\(phrases.event(event))”")
        for step in steps {
            text += language(
                "，连续 \(step.days) 天另加 \(step.points) 分",
                ", \(step.points) more after \(EnglishCount.text(step.days, "day")) in a row")
        }
        if cycleDays > 0 {
            text += language("，每 \(cycleDays) 天重新计数", ", counted anew after \(EnglishCount.text(cycleDays, "day"))")
        }
        return text
    }
}
