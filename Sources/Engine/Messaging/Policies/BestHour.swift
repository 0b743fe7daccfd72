/// In which hour of their own clock a person is most likely to look.
///
/// What the person did counts hour by hour, with half of it for the hours beside; to it comes the brand's own
/// distribution with the weight of `priorWeight` signals. So somebody of whom nothing is known gets the brand's best hour,
/// and the more is known the more it is their own (a mean of a Dirichlet posterior).
package struct BestHour: Sendable, Equatable {
    /// 24 weights, by hour.
    package var own: [Int64]
    package var brand: [Int64]

    package static let hours = 24
    /// What a signal weighs: a click says more than an opening, that more than a visit.
    static let click: Int64 = 3
    static let open: Int64 = 2
    static let visit: Int64 = 1
    static let priorWeight = 10.0

    package init(own: [Int64], brand: [Int64]) {
        self.own = own
        self.brand = brand
    }

    /// The best of the hours that may be written in; of equals the earliest. `usual`: while nothing is known of anybody.
    package func choose(usual: Int, isQuiet: (Int) -> Bool) -> Int {
        let mine = Self.smoothed(own)
        let theirs = Self.smoothed(brand)
        let whole = theirs.reduce(0, +)
        let allowed = (0..<Self.hours).filter { !isQuiet($0) }
        guard mine.contains(where: { $0 > 0 }) || whole > 0 else {
            return allowed.contains(usual) ? usual : allowed.first ?? usual
        }
        let scores = (0..<Self.hours).map { hour in
            mine[hour] + (whole > 0 ? Self.priorWeight * theirs[hour] / whole : 0)
        }
        return allowed.max { (scores[$0], $1) < (scores[$1], $0) } ?? usual
    }

    /// Half of each hour and a quarter for each neighbour; the day is a circle.
    private static func smoothed(_ weights: [Int64]) -> [Double] {
        guard weights.count == hours else { return [Double](repeating: 0, count: hours) }
        return (0..<hours).map { hour in
            let (before, after) = (weights[(hour + hours - 1) % hours], weights[(hour + 1) % hours])
            return Double(weights[hour]) / 2 + Double(before + after) / 4
        }
    }

    /// Adds moments up, on one clock.
    static func weights(_ moments: [(at: Timestamp, weight: Int64)], _ calendar: LocalCalendar) -> [Int64] {
        var weights = [Int64](repeating: 0, count: hours)
        for moment in moments { weights[Int(calendar.hour(of: moment.at))] += moment.weight }
        return weights
    }

    /// The next moment at which clocks show the hour: now, while they do, else its beginning and so many minutes more.
    static func next(_ hour: Int, after now: Timestamp, minute: Int64, _ calendar: LocalCalendar) -> Timestamp {
        if calendar.hour(of: now) == Int64(hour) { return now }
        let day = calendar.day(of: now)
        for ahead in 0...2 {
            let moment = calendar.moment(ofDay: day + Int64(ahead), hour: Int64(hour), minute: minute)
            if moment > now { return moment }
        }
        return now
    }
}
