/// The brand's year: how much of a usual day's business each day brings.
///
/// Lunar festivals are from the calendar of the Hong Kong Observatory.
struct DemoCalendar {
    /// Day numbers since 1970 in the brand's zone.
    let firstDay: Int
    let lastDay: Int
    /// Business of each day, 1 on a usual one.
    private(set) var index: [Double] = []
    /// Business up to the end of each day.
    private(set) var cumulative: [Double] = []

    private static let springFestivals: [Int: (Int, Int)] = [
        2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
        2030: (2, 3), 2031: (1, 23), 2032: (2, 11),
    ]
    private static let midAutumns: [Int: (Int, Int)] = [
        2023: (9, 29), 2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3), 2029: (9, 22),
        2030: (9, 12), 2031: (10, 1), 2032: (9, 19),
    ]

    init(firstDay: Int, lastDay: Int) {
        self.firstDay = firstDay
        self.lastDay = lastDay
        var sum = 0.0
        for day in firstDay...lastDay {
            let growth = 0.75 + 0.5 * Double(day - firstDay) / Double(max(lastDay - firstDay, 1))
            let business = growth * Self.season(day) * Self.weekday(day) * Self.festival(day).business
            index.append(business)
            sum += business
            cumulative.append(sum)
        }
    }

    /// The day on which a share (0…1) of the whole period's business is done.
    func day(atShare share: Double) -> Int {
        day(atBusiness: share * (cumulative.last ?? 0))
    }

    /// The day on which the given amount of business has been done since the beginning; past the end, the day after.
    func day(atBusiness target: Double) -> Int {
        guard let whole = cumulative.last, target < whole else { return lastDay + 1 }
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return firstDay + low
    }

    func business(upTo day: Int) -> Double {
        let place = day - firstDay
        return place <= 0 ? 0 : cumulative[min(place, cumulative.count) - 1]
    }

    /// Whether presents are being bought.
    static func isGiftSeason(_ day: Int) -> Bool { festival(day).isGift }

    /// New tea in spring, cold brew in summer, warm tea in winter.
    private static func season(_ day: Int) -> Double {
        let months = [1.05, 0.95, 1.1, 1.15, 1.05, 0.95, 0.85, 0.85, 1.0, 1.05, 1.1, 1.1]
        return months[CivilDate(dayNumber: day).month - 1]
    }

    private static func weekday(_ day: Int) -> Double {
        [0.88, 0.86, 0.9, 0.93, 1.05, 1.22, 1.16][CivilDate.weekday(dayNumber: day) - 1]
    }

    private static func festival(_ day: Int) -> (business: Double, isGift: Bool) {
        let date = CivilDate(dayNumber: day)
        switch (date.month, date.day) {
        case (11, 11): return (5.5, false)
        case (11, 1...10): return (1.5, false)
        case (6, 18): return (4.2, false)
        case (6, 10...17): return (1.4, false)
        case (12, 12): return (2.4, false)
        case (3, 8): return (1.8, true)
        case (5, 20): return (1.6, true)
        default: break
        }
        if let (month, first) = springFestivals[date.year] {
            let distance = CivilDate(year: date.year, month: month, day: first).dayNumber - day
            if 3...24 ~= distance { return (1.9, true) }
            if -6...2 ~= distance { return (0.35, false) }
        }
        if let (month, first) = midAutumns[date.year] {
            let distance = CivilDate(year: date.year, month: month, day: first).dayNumber - day
            if 1...16 ~= distance { return (1.8, true) }
        }
        return (1, false)
    }
}
