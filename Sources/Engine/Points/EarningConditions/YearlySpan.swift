/// Around a day that comes round every year: its month, its week (Monday to Sunday), or the day itself.
package enum YearlySpan: String, Sendable, CaseIterable {
    case day, week, month

    static let choices: [CriteriaForm.Choice] = [
        .init("day", "当天", "on the day"), .init("week", "当周", "in the week"), .init("month", "当月", "in the month"),
    ]

    /// Whether a day lies in the span around the month and day of another. The 29th of February counts as the 28th in
    /// years without one.
    func contains(_ day: Int64, of yearly: Int64) -> Bool {
        let (year, month, _) = LocalCalendar.civil(ofDay: day)
        let (_, ownMonth, ownDay) = LocalCalendar.civil(ofDay: yearly)
        switch self {
        case .month: return month == ownMonth
        case .day: return Self.occurrence(ownMonth, ownDay, in: year) == day
        case .week:
            // 1970-01-01 was a Thursday. A week may reach into the next or the last year.
            let monday = day - (((day + 3) % 7) + 7) % 7
            return (year - 1...year + 1).contains {
                (monday...monday + 6).contains(Self.occurrence(ownMonth, ownDay, in: $0))
            }
        }
    }

    private static func occurrence(_ month: Int64, _ day: Int64, in year: Int64) -> Int64 {
        Timestamp.day(year: year, month: month, dayOfMonth: day)
            ?? Timestamp.day(year: year, month: month, dayOfMonth: day - 1) ?? .min
    }

    func words(_ language: CriteriaLanguage) -> String {
        switch self {
        case .day: language("当天", "day")
        case .week: language("当周", "week")
        case .month: language("当月", "month")
        }
    }
}
