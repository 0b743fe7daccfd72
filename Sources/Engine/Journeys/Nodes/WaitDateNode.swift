/// Waits until the day of a trait, moved by days, at an hour. Without such a day, or when it is past, it goes on at once.
struct WaitDateNode: JourneyNode {
    static let kind = "wait_date"
    static let waits = true
    static let form = CriteriaForm(
        "time", "等到某个日期", "Wait until a date",
        [
            .init("trait", "trait", "属性", "of"), .init("offset_days", "number", "偏移天数", "moved by days"),
            .init("hour", "hour", "时间", "at"),
            .init(
                "yearly", "choice", "重复", "repeated",
                choices: [.init("false", "只在当年", "that year"), .init("true", "每年", "every year")]),
        ])

    var trait: String
    var offset: Int64
    var hour: Int64
    var isYearly: Bool

    init(_ reader: CriteriaReader) {
        trait = reader.text("trait")
        offset = reader.whole("offset_days", in: -365...365, orElse: 0)
        hour = reader.whole("hour", in: 0...23, orElse: 9)
        isYearly = reader.value("yearly")?.boolValue ?? false
    }

    var json: [String: JSONValue] {
        [
            "trait": .string(trait), "offset_days": .integer(offset), "hour": .integer(hour),
            "yearly": .bool(isYearly),
        ]
    }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        if world.criteria.traits[trait] == nil { note("trait", .unknownTrait(trait)) }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let trigger = JourneyTrigger.date(trait: trait, offset: offset, hour: hour, isYearly: isYearly).words(phrases)
        return phrases.language("等到\(trigger)", "Wait until \(trigger)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        let calendar = visit.facts.clock.calendar
        guard let value = visit.facts.subject?.traits.first(trait), value.date != CriteriaValue.noDate,
            let day = JourneyDays.next(
                value.date, offset: offset, isYearly: isYearly, from: calendar.day(of: visit.now), hour: hour,
                now: visit.now, calendar)
        else { return .next(note: "no_date") }
        return .wait(until: day)
    }
}

/// Days of traits: 20260501 stands for 1 May 2026.
enum JourneyDays {
    /// The moment of a trait's day, moved by days, that is not past; nil when it is.
    static func next(
        _ date: Int64, offset: Int64, isYearly: Bool, from today: Int64, hour: Int64, now: Timestamp,
        _ calendar: LocalCalendar
    ) -> Timestamp? {
        for candidate in candidates(date, isYearly: isYearly, around: today) {
            let local = (candidate + offset) * Timestamp.millisecondsPerDay + hour * 3_600_000
            let moment = calendar.moment(localMilliseconds: local)
            if moment > now { return moment }
        }
        return nil
    }

    /// Whether the day of a trait, moved by days, is this one.
    static func falls(_ date: Int64, offset: Int64, isYearly: Bool, on day: Int64) -> Bool {
        candidates(date, isYearly: isYearly, around: day).contains { $0 + offset == day }
    }

    /// The day itself, or its returns in the years around; 29 February returns on the 28th of years without one.
    private static func candidates(_ date: Int64, isYearly: Bool, around day: Int64) -> [Int64] {
        let (year, month, dayOfMonth) = (date / 10_000, date / 100 % 100, date % 100)
        guard isYearly else { return dayNumber(year, month, dayOfMonth).map { [$0] } ?? [] }
        let current = LocalCalendar.civil(ofDay: day).year
        return (current - 1...current + 2).compactMap { year in
            dayNumber(year, month, dayOfMonth) ?? dayNumber(year, month, dayOfMonth - 1)
        }
    }

    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        let text = { (number: Int64, width: Int) -> String in
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return LocalCalendar.day(fromText: "\(text(year, 4))-\(text(month, 2))-\(text(day, 2))")
    }
}
