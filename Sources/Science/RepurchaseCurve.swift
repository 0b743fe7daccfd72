/// How the chance of buying again grows with the days since a purchase, for one band of order counts.
package struct RepurchaseCurve: Sendable, Codable, Equatable {
    package struct Point: Sendable, Codable, Equatable {
        package var day: Int64
        /// Share of all who made the purchase and were seen to buy again by this day.
        package var observed: Double
        /// The same corrected for people who have not had so many days yet.
        package var estimated: Double

        package init(day: Int64, observed: Double, estimated: Double) {
            self.day = day
            self.observed = observed
            self.estimated = estimated
        }
    }

    package var from: Int
    package var through: Int?
    /// Purchases that the curve is about.
    package var purchases: Int
    package var points: [Point]

    package init(from: Int, through: Int?, purchases: Int, points: [Point]) {
        self.from = from
        self.through = through
        self.purchases = purchases
        self.points = points
    }
}

extension RepurchaseCurve {
    /// One curve for every band, at the given days.
    ///
    /// `estimated` is one minus the product-limit estimator. Source: Kaplan & Meier, "Nonparametric Estimation from
    /// Incomplete Observations", JASA 53 (1958).
    package static func curves(of gaps: PurchaseGaps, at days: [Int64]) -> [RepurchaseCurve] {
        LifecycleModel.bandRanges.enumerated().map { index, range in
            let returns = gaps.byBand[index]
            let waits = gaps.waitsByBand[index]
            return RepurchaseCurve(
                from: range.from, through: range.through, purchases: returns.count + waits.count,
                points: points(returns: returns, waits: waits, at: days.sorted()))
        }
    }

    private static func points(returns: [Int64], waits: [Int64], at days: [Int64]) -> [Point] {
        let returnsByDay = Dictionary(returns.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
        let waiting = waits.sorted()
        let total = returns.count + waits.count
        guard total > 0 else { return [] }
        var points: [Point] = []
        var surviving = 1.0
        var returned = 0
        var stoppedWaiting = 0
        var next = 0
        for day in days {
            while next < returnsByDay.count, returnsByDay[next].key <= day {
                let (gap, count) = returnsByDay[next]
                while stoppedWaiting < waiting.count, waiting[stoppedWaiting] < gap { stoppedWaiting += 1 }
                let atRisk = total - returned - stoppedWaiting
                surviving *= 1 - Double(count) / Double(max(atRisk, 1))
                returned += count
                next += 1
            }
            points.append(
                Point(day: day, observed: Double(returned) / Double(total), estimated: 1 - surviving))
        }
        return points
    }
}
