/// For how long a tier is given, and what of the past counts for it. Days are the workspace's.
package struct TierPeriod: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// What the last so many months brought; a tier lasts as long from the day it is reached.
        case rolling
        /// Fixed periods of so many months, the same for everybody.
        case calendar
        /// Periods of so many months from the day on which the member joined.
        case anniversary
    }

    package var kind: Kind
    package var months: Int
    /// The month in which a calendar period begins, 1 to 12.
    package var startMonth: Int

    private enum CodingKeys: String, CodingKey {
        case kind, months
        case startMonth = "start_month"
    }

    package init(kind: Kind, months: Int, startMonth: Int = 1) {
        self.kind = kind
        self.months = months
        self.startMonth = startMonth
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        kind = try fields.decode(Kind.self, forKey: .kind)
        months = try fields.decode(Int.self, forKey: .months)
        startMonth = try fields.decodeIfPresent(Int.self, forKey: .startMonth) ?? 1
    }

    var flaw: String? {
        guard (1...TierLimits.monthsMax).contains(months) else { return "months must be 1 to \(TierLimits.monthsMax)" }
        guard (1...12).contains(startMonth) else { return "start_month must be 1 to 12" }
        if kind == .calendar, months > 12 || 12 % months != 0 {
            return "a calendar period has 1, 2, 3, 4, 6 or 12 months"
        }
        return nil
    }

    /// The period that a day lies in, as its first day and the first day after it. A rolling one begins with the day.
    func containing(_ day: Int64, joined: Int64) -> (start: Int64, end: Int64) {
        switch kind {
        case .rolling: return (day, Self.adding(months, to: day))
        case .calendar:
            let (year, month, _) = LocalCalendar.civil(ofDay: day)
            let offset = Int64(startMonth - 1)
            let length = Int64(months)
            let first = floorDivide(year * 12 + month - 1 - offset, length) * length + offset
            return (Self.first(ofMonth: first), Self.first(ofMonth: first + length))
        case .anniversary:
            let (year, month, _) = LocalCalendar.civil(ofDay: joined)
            let (toYear, toMonth, _) = LocalCalendar.civil(ofDay: day)
            var number = floorDivide((toYear * 12 + toMonth) - (year * 12 + month), Int64(months))
            if Self.adding(Int(number) * months, to: joined) > day { number -= 1 }
            return (
                Self.adding(Int(number) * months, to: joined), Self.adding(Int(number + 1) * months, to: joined)
            )
        }
    }

    /// The day so many months later; a day beyond the month's is its last.
    static func adding(_ months: Int, to day: Int64) -> Int64 {
        let (year, month, dayOfMonth) = LocalCalendar.civil(ofDay: day)
        let first = Self.first(ofMonth: year * 12 + month - 1 + Int64(months))
        let length = Self.first(ofMonth: year * 12 + month + Int64(months)) - first
        return first + min(dayOfMonth, length) - 1
    }

    /// The first day of a month counted from year 0.
    private static func first(ofMonth month: Int64) -> Int64 {
        let year = floorDivide(month, 12)
        return Timestamp.day(year: year, month: month - year * 12 + 1, dayOfMonth: 1) ?? 0
    }
}

/// A span of time: from its first moment up to, and without, its end.
package struct TierWindow: Sendable, Equatable {
    package var from: Timestamp
    package var to: Timestamp

    func contains(_ moment: Timestamp) -> Bool { moment >= from && moment < to }

    /// Whatever has been said so far, however late it comes.
    static let open = Timestamp(milliseconds: .max)
}
