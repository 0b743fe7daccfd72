import Storage

/// In which days something counts. Days are the workspace's; today is one of the last N.
package enum DayWindow: Sendable, Hashable {
    case ever
    case lastDays(Int64)
    case between(Int64, Int64)
    /// After the last event that matches.
    case since(EventFilter)

    init(_ reader: CriteriaReader, allowsSince: Bool = true) {
        guard let own = reader.child("within") else {
            self = .ever
            return
        }
        self = .ever
        if own.has("last_days") {
            self = .lastDays(own.whole("last_days", in: 1...CriteriaLimits.windowDays))
        } else if own.has("from") || own.has("to") {
            let (from, to) = (own.day("from"), own.day("to"))
            if to < from { own.note("to", .emptyRange) }
            self = .between(from, max(from, to))
        } else if allowsSince, let event = own.child("since") {
            self = .since(EventFilter(event))
        } else if own.value("ever")?.boolValue != true {
            own.note("", .missing("last_days, from and to, since, or ever"))
        }
        own.finish()
    }

    var json: JSONValue {
        switch self {
        case .ever: ["ever": true]
        case .lastDays(let days): ["last_days": .integer(days)]
        case .between(let from, let to):
            ["from": .string(LocalCalendar.text(ofDay: from)), "to": .string(LocalCalendar.text(ofDay: to))]
        case .since(let filter): ["since": filter.json]
        }
    }

    var dependsOnTime: Bool {
        if case .lastDays = self { true } else { false }
    }

    /// The first and last day; nil for a border that is not there.
    func days(_ clock: CriteriaClock) -> (from: Int64?, to: Int64?) {
        switch self {
        case .ever, .since: (nil, nil)
        case .lastDays(let days): (clock.today - days + 1, clock.today)
        case .between(let from, let to): (from, to)
        }
    }

    /// The same borders as milliseconds, the upper one exclusive.
    func milliseconds(_ clock: CriteriaClock) -> (from: Int64?, before: Int64?) {
        let (from, to) = days(clock)
        return (
            from.map { clock.calendar.start(ofDay: $0).milliseconds },
            to.map { clock.calendar.start(ofDay: $0 + 1).milliseconds }
        )
    }

    func sql(_ milliseconds: AnalyticsSQL, _ clock: CriteriaClock) -> AnalyticsSQL {
        let (from, before) = self.milliseconds(clock)
        var parts: [AnalyticsSQL] = []
        if let from { parts.append("\(milliseconds) >= \(from)") }
        if let before { parts.append("\(milliseconds) < \(before)") }
        return parts.isEmpty ? "1" : .all(parts)
    }

    func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        switch self {
        case .ever: return language("至今", "ever")
        case .lastDays(1): return language("今天", "today")
        case .lastDays(let days): return language("最近 \(days) 天", "in the last \(EnglishCount.text(days, "day"))")
        case .between(let from, let to):
            let (first, last) = (LocalCalendar.text(ofDay: from), LocalCalendar.text(ofDay: to))
            return language("\(first) 到 \(last) 期间", "from \(first) to \(last)")
        case .since(let filter):
            return language("自最后一次\(filter.words(phrases))之后", "since the last \(filter.words(phrases))")
        }
    }
}
