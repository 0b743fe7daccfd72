/// When points of a currency lapse. All moments are starts of days of the workspace: the first at which they are gone.
package enum PointsExpiry: Sendable, Equatable {
    case never
    /// At the end of the month that lies so many months after the one in which they were earned.
    case rolling(months: Int)
    /// At the end of a fixed day of the year, the first that leaves at least so many whole months.
    case fixed(month: Int, day: Int, monthsMin: Int)
    /// All together, when the member neither earned nor spent for so many months.
    case inactivity(months: Int)

    /// When points earned at a moment lapse; nil when only inactivity ends them, or nothing does.
    func lapse(earned: Timestamp, _ calendar: LocalCalendar) -> Timestamp? {
        let (year, month, day) = LocalCalendar.civil(ofDay: calendar.day(of: earned))
        switch self {
        case .never, .inactivity: return nil
        case .rolling(let months):
            return Self.start(year: year, month: month + Int64(months) + 1, day: 1, calendar)
        case .fixed(let endMonth, let endDay, let monthsMin):
            let least = Self.day(year: year, month: month + Int64(monthsMin), day: day)
            let end = (year...year + Int64(PointsLimits.monthsMax / 12) + 1).lazy
                .map { Self.day(year: $0, month: Int64(endMonth), day: Int64(endDay)) }
                .first { $0 >= least }
            return end.map { calendar.start(ofDay: $0 + 1) }
        }
    }

    /// When a member who was last active at a moment loses all; nil unless inactivity ends points.
    func inactive(since moment: Timestamp, _ calendar: LocalCalendar) -> Timestamp? {
        guard case .inactivity(let months) = self else { return nil }
        let (year, month, day) = LocalCalendar.civil(ofDay: calendar.day(of: moment))
        return calendar.start(ofDay: Self.day(year: year, month: month + Int64(months), day: day) + 1)
    }

    var flaw: String? {
        switch self {
        case .never: return nil
        case .rolling(let months), .inactivity(let months):
            return (1...PointsLimits.monthsMax).contains(months) ? nil : "months must be 1 to \(PointsLimits.monthsMax)"
        case .fixed(let month, let day, let monthsMin):
            guard (1...12).contains(month), (1...31).contains(day) else { return "must be a day of the year" }
            return (0...PointsLimits.monthsMax).contains(monthsMin)
                ? nil : "months_min must be 0 to \(PointsLimits.monthsMax)"
        }
    }

    private static func start(year: Int64, month: Int64, day: Int64, _ calendar: LocalCalendar) -> Timestamp {
        calendar.start(ofDay: self.day(year: year, month: month, day: day))
    }

    /// Months beyond the year's run on into the next; a day beyond the month's is its last.
    private static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let months = year * 12 + month - 1
        let (year, month) = (floorDivide(months, 12), months - floorDivide(months, 12) * 12 + 1)
        let first = Timestamp.day(year: year, month: month, dayOfMonth: 1) ?? 0
        return Timestamp.day(year: year, month: month, dayOfMonth: day)
            ?? first + Self.lastDay(year: year, month: month) - 1
    }

    private static func lastDay(year: Int64, month: Int64) -> Int64 {
        [31, 30, 29, 28].first { Timestamp.day(year: year, month: month, dayOfMonth: $0) != nil } ?? 28
    }
}

extension PointsExpiry: Codable {
    private enum Key: String, CodingKey {
        case kind, months, month, day
        case monthsMin = "months_min"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        switch try fields.decode(String.self, forKey: .kind) {
        case "never": self = .never
        case "rolling": self = .rolling(months: try fields.decode(Int.self, forKey: .months))
        case "inactivity": self = .inactivity(months: try fields.decode(Int.self, forKey: .months))
        case "fixed":
            self = .fixed(
                month: try fields.decode(Int.self, forKey: .month), day: try fields.decode(Int.self, forKey: .day),
                monthsMin: try fields.decodeIfPresent(Int.self, forKey: .monthsMin) ?? 0)
        case let other:
            throw PointsError.invalidCurrency(field: "expiry", reason: "there is no kind “\(other)”")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        switch self {
        case .never: try fields.encode("never", forKey: .kind)
        case .rolling(let months):
            try fields.encode("rolling", forKey: .kind)
            try fields.encode(months, forKey: .months)
        case .inactivity(let months):
            try fields.encode("inactivity", forKey: .kind)
            try fields.encode(months, forKey: .months)
        case .fixed(let month, let day, let monthsMin):
            try fields.encode("fixed", forKey: .kind)
            try fields.encode(month, forKey: .month)
            try fields.encode(day, forKey: .day)
            try fields.encode(monthsMin, forKey: .monthsMin)
        }
    }
}
