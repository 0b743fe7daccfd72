/// How much of what is outstanding will never be redeemed.
///
/// A discrete life table of points: of the points of all cohorts (months of issue) that were outstanding at the beginning
/// of an age, the share that was redeemed in that month of age (E. L. Kaplan, P. Meier, "Nonparametric Estimation from
/// Incomplete Observations", JASA 53, 1958, in the actuarial form for intervals). When points lapse is no estimate: their
/// lots say it. What a lot has left is carried forward month by month with the rates of its ages; what is left on its last
/// day is breakage. The interval is that of a bootstrap which draws whole cohorts with replacement (B. Efron, "Bootstrap
/// Methods: Another Look at the Jackknife", Annals of Statistics 7, 1979), because points of one month share its fate.
package struct BreakageForecast: Sendable, Equatable {
    /// A month of issue, by months of age; only months that are over.
    package struct Cohort: Sendable, Equatable {
        /// At the beginning of the age.
        package var outstanding: [Double]
        /// In the month of that age.
        package var redeemed: [Double]

        package init(outstanding: [Double], redeemed: [Double]) {
            self.outstanding = outstanding
            self.redeemed = redeemed
        }
    }

    /// What is outstanding of one age with one last day.
    package struct Lot: Sendable, Equatable {
        package var ageMonths: Int
        /// Until it lapses; nil: never does.
        package var monthsLeft: Int?
        package var amount: Double

        package init(ageMonths: Int, monthsLeft: Int?, amount: Double) {
            self.ageMonths = ageMonths
            self.monthsLeft = monthsLeft
            self.amount = amount
        }
    }

    package struct Estimate: Sendable, Equatable {
        package var value: Double
        /// Of 90%; nil with too few cohorts to tell.
        package var low: Double?
        package var high: Double?
    }

    package var outstanding: Double
    /// Of it, what will not be redeemed.
    package var breakage: Estimate
    /// Share redeemed in the month, by age.
    package var rates: [Double]
    package var cohorts: Int

    /// What does not lapse is followed for so long; what is left then counts as breakage.
    package static let horizonMonths = 120
    package static let cohortsMin = 3
    private static let draws = 400
    /// Ages beyond those observed go by the mean of so many last ones.
    private static let tailAges = 3

    package init(_ cohorts: [Cohort], _ lots: [Lot]) {
        let own = Self.rates(cohorts)
        rates = own
        self.cohorts = cohorts.count
        outstanding = lots.reduce(0) { $0 + $1.amount }
        let value = Self.breakage(lots, own)
        guard cohorts.count >= Self.cohortsMin else {
            breakage = Estimate(value: value)
            return
        }
        var state: UInt64 = 0x5EED
        let drawn = (0..<Self.draws).map { _ -> Double in
            let sample = cohorts.map { _ in cohorts[Int(Self.next(&state) % UInt64(cohorts.count))] }
            return Self.breakage(lots, Self.rates(sample))
        }.sorted()
        breakage = Estimate(
            value: value, low: min(value, drawn[Self.draws / 20]), high: max(value, drawn[Self.draws * 19 / 20 - 1]))
    }

    /// What of lots is left on their last day, by given rates.
    package static func breakage(_ lots: [Lot], _ rates: [Double]) -> Double {
        let tail = rates.suffix(tailAges)
        let beyond = tail.isEmpty ? 0 : tail.reduce(0, +) / Double(tail.count)
        return lots.reduce(0) { sum, lot in
            var left = lot.amount
            for month in 0..<min(lot.monthsLeft ?? horizonMonths, horizonMonths) {
                let age = lot.ageMonths + month
                left *= 1 - (age < rates.count ? rates[age] : beyond)
            }
            return sum + left
        }
    }

    private static func rates(_ cohorts: [Cohort]) -> [Double] {
        let ages = cohorts.map { min($0.outstanding.count, $0.redeemed.count) }.max() ?? 0
        return (0..<ages).map { age in
            var (redeemed, outstanding) = (0.0, 0.0)
            for cohort in cohorts where age < min(cohort.outstanding.count, cohort.redeemed.count) {
                redeemed += cohort.redeemed[age]
                outstanding += cohort.outstanding[age]
            }
            return outstanding > 0 ? min(1, max(0, redeemed / outstanding)) : 0
        }
    }

    /// SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014): the same facts give the same interval.
    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
