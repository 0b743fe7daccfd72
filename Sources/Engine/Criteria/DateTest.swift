import Storage

/// A comparison with a day, in the workspace's calendar.
package enum DateTest: Sendable, Hashable {
    case on(Int64)
    case before(Int64)
    case after(Int64)
    case betweenDates(Int64, Int64)
    /// Today and the days before it, `days` in all.
    case inLastDays(Int64)
    /// Before the day that many days ago.
    case moreThanDaysAgo(Int64)
    /// Today and the `days` days after it.
    case inNextDays(Int64)
    /// The month and day return today or within `days` days; 29 February returns on the 28th of years without one.
    case anniversaryInDays(Int64)

    static let words = [
        "on", "before", "after", "between_dates", "in_last_days", "more_than_days_ago", "in_next_days",
        "anniversary_in_days",
    ]
    private static let anniversaryDays: Int64 = 60

    init?(_ word: String, _ reader: CriteriaReader) {
        switch word {
        case "on": self = .on(reader.day("date"))
        case "before": self = .before(reader.day("date"))
        case "after": self = .after(reader.day("date"))
        case "between_dates":
            let (from, to) = (reader.day("from"), reader.day("to"))
            if to < from { reader.note("to", .emptyRange) }
            self = .betweenDates(from, to)
        case "in_last_days": self = .inLastDays(reader.whole("days", in: 1...36_500))
        case "more_than_days_ago": self = .moreThanDaysAgo(reader.whole("days", in: 0...36_500))
        case "in_next_days": self = .inNextDays(reader.whole("days", in: 0...CriteriaLimits.daysAhead))
        case "anniversary_in_days": self = .anniversaryInDays(reader.whole("days", in: 0...Self.anniversaryDays))
        default: return nil
        }
    }

    var json: [String: JSONValue] {
        func day(_ day: Int64) -> JSONValue { .string(LocalCalendar.text(ofDay: day)) }
        switch self {
        case .on(let date): return ["is": "on", "date": day(date)]
        case .before(let date): return ["is": "before", "date": day(date)]
        case .after(let date): return ["is": "after", "date": day(date)]
        case .betweenDates(let from, let to): return ["is": "between_dates", "from": day(from), "to": day(to)]
        case .inLastDays(let days): return ["is": "in_last_days", "days": .integer(days)]
        case .moreThanDaysAgo(let days): return ["is": "more_than_days_ago", "days": .integer(days)]
        case .inNextDays(let days): return ["is": "in_next_days", "days": .integer(days)]
        case .anniversaryInDays(let days): return ["is": "anniversary_in_days", "days": .integer(days)]
        }
    }

    var dependsOnTime: Bool {
        switch self {
        case .on, .before, .after, .betweenDates: false
        default: true
        }
    }

    /// The dates (as 20260501) that pass; nil for an anniversary.
    private func range(_ clock: CriteriaClock) -> ClosedRange<Int64>? {
        let date = CriteriaValue.date(ofDay:)
        switch self {
        case .on(let day): return date(day)...date(day)
        case .before(let day): return 1...max(date(day) - 1, 1)
        case .after(let day): return date(day) + 1...99_999_999
        case .betweenDates(let from, let to): return date(from)...max(date(to), date(from))
        case .inLastDays(let days): return date(clock.today - days + 1)...date(clock.today)
        case .moreThanDaysAgo(let days): return 1...(date(clock.today - days) - 1)
        case .inNextDays(let days): return date(clock.today)...date(clock.today + days)
        case .anniversaryInDays: return nil
        }
    }

    /// The months and days (as 501) whose anniversary comes within `days` days.
    static func anniversaries(_ days: Int64, _ clock: CriteriaClock) -> [Int64] {
        var found: [Int64] = []
        for day in clock.today...clock.today + days {
            let date = CriteriaValue.date(ofDay: day)
            found.append(date % 10_000)
            let tomorrow = CriteriaValue.date(ofDay: day + 1)
            if date % 10_000 == 228, tomorrow % 10_000 == 301 { found.append(229) }
        }
        return found
    }

    func passes(_ date: Int64, _ clock: CriteriaClock) -> Bool {
        if let range = range(clock) { return range.contains(date) }
        guard case .anniversaryInDays(let days) = self else { return false }
        return Self.returns(date % 10_000, within: days, clock)
    }

    /// Whether `anniversaries` has the month and day.
    static func returns(_ monthAndDay: Int64, within days: Int64, _ clock: CriteriaClock) -> Bool {
        guard monthAndDay > 100 else { return false }
        let (first, last) = (CriteriaValue.date(ofDay: clock.today), CriteriaValue.date(ofDay: clock.today + days))
        return (first / 10_000...last / 10_000).contains { year in
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let next = year * 10_000 + (monthAndDay == 229 && !isLeap ? 228 : monthAndDay)
            return first <= next && next <= last
        }
    }

    func sql(_ date: AnalyticsSQL, _ clock: CriteriaClock) -> AnalyticsSQL {
        if let range = range(clock) {
            return "(\(date) >= \(range.lowerBound) AND \(date) <= \(range.upperBound))"
        }
        guard case .anniversaryInDays(let days) = self else { return "0" }
        return "has([\(list: Self.anniversaries(days, clock))], toInt64(\(date) % 10000))"
    }

    func words(_ language: CriteriaLanguage) -> String {
        func day(_ day: Int64) -> String { LocalCalendar.text(ofDay: day) }
        switch self {
        case .on(let date): return language("在 \(day(date)) 当天", "is on \(day(date))")
        case .before(let date): return language("早于 \(day(date))", "is before \(day(date))")
        case .after(let date): return language("晚于 \(day(date))", "is after \(day(date))")
        case .betweenDates(let from, let to):
            return language("在 \(day(from)) 到 \(day(to)) 之间", "is from \(day(from)) to \(day(to))")
        case .inLastDays(let days):
            return language("在最近 \(days) 天内", "is in the last \(EnglishCount.text(days, "day"))")
        case .moreThanDaysAgo(let days):
            return language("在 \(days) 天以前", "is more than \(EnglishCount.text(days, "day")) ago")
        case .inNextDays(let days):
            return language("在未来 \(days) 天内", "is in the next \(EnglishCount.text(days, "day"))")
        case .anniversaryInDays(0): return language("的周年就是今天", "has its anniversary today")
        case .anniversaryInDays(let days):
            return language("的周年在 \(days) 天内", "has its anniversary within \(EnglishCount.text(days, "day"))")
        }
    }
}

/// The moment at which conditions are asked, in the workspace's calendar.
package struct CriteriaClock: Sendable {
    package var now: Timestamp
    package var today: Int64
    package var calendar: LocalCalendar
    /// Decimal places of the workspace's currency.
    package var currencyDigits: Int

    package init(now: Timestamp, calendar: LocalCalendar, currencyDigits: Int = 2) {
        self.now = now
        self.calendar = calendar
        self.currencyDigits = currencyDigits
        today = calendar.day(of: now)
    }

    /// Ten-thousandths in one minor unit of money.
    package var perMinorUnit: Int64 {
        var units: Int64 = 1
        for _ in min(currencyDigits, 4)..<4 { units *= 10 }
        return units
    }
}
