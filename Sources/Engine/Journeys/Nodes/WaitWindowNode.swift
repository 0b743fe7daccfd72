/// Waits until clocks of the workspace show an hour within a window, on certain weekdays.
struct WaitWindowNode: JourneyNode {
    static let kind = "wait_window"
    static let waits = true
    static let form = CriteriaForm(
        "time", "等到某个时段", "Wait until a time of day",
        [
            .init("from_hour", "hour", "从", "from"), .init("to_hour", "hour", "到", "to"),
            .init("weekdays", "weekdays", "仅在", "only on"),
        ])

    var from: Int64
    var to: Int64
    var weekdays: [Int64]

    init(_ reader: CriteriaReader) {
        from = reader.whole("from_hour", in: 0...23)
        to = reader.whole("to_hour", in: 1...24)
        if to <= from { reader.note("to_hour", .emptyRange) }
        let days = (reader.value("weekdays")?.arrayValue ?? []).compactMap(\.intValue)
        if !days.allSatisfy({ (1...7).contains($0) }) { reader.note("weekdays", .outOfRange("1…7")) }
        weekdays = Set(days).sorted()
    }

    var json: [String: JSONValue] {
        [
            "from_hour": .integer(from), "to_hour": .integer(to),
            "weekdays": .array(weekdays.map { .integer($0) }),
        ]
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let days = weekdays.isEmpty ? "" : phrases.weekdays(weekdays)
        let suffix = days.isEmpty ? "" : " on " + days
        return phrases.language(
            "等到\(days) \(from)–\(to) 点之间", "Wait until between \(from):00 and \(to):00\(suffix)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        let open = opening(visit.now, visit.facts.clock.calendar)
        return open <= visit.now ? .next() : .wait(until: open)
    }

    /// The first moment from `now` on that lies in the window.
    func opening(_ now: Timestamp, _ calendar: LocalCalendar) -> Timestamp {
        let today = calendar.day(of: now)
        for day in today...today + 7 {
            let start = calendar.moment(localMilliseconds: day * Timestamp.millisecondsPerDay + from * 3_600_000)
            let end = calendar.moment(localMilliseconds: day * Timestamp.millisecondsPerDay + to * 3_600_000)
            guard weekdays.isEmpty || weekdays.contains(calendar.weekday(of: start)), end > now else { continue }
            return max(start, now)
        }
        return now
    }
}
