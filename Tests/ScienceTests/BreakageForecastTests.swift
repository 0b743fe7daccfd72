import Testing

@testable import Science

@Suite("Breakage forecast")
struct BreakageForecastTests {
    /// Cohorts of which a constant share is redeemed every month.
    private func cohorts(_ rate: Double, _ count: Int, months: Int) -> [BreakageForecast.Cohort] {
        (0..<count).map { number in
            var (left, cohort) = (1_000.0, BreakageForecast.Cohort(outstanding: [], redeemed: []))
            for _ in 0..<max(1, months - number) {
                cohort.outstanding.append(left)
                cohort.redeemed.append(left * rate)
                left *= 1 - rate
            }
            return cohort
        }
    }

    @Test("a constant rate leaves (1 − rate)^months of a lot")
    func constant() {
        let lots = [
            BreakageForecast.Lot(ageMonths: 0, monthsLeft: 12, amount: 1_000),
            BreakageForecast.Lot(ageMonths: 30, monthsLeft: 1, amount: 100),
            BreakageForecast.Lot(ageMonths: 2, monthsLeft: 0, amount: 7),
        ]
        let forecast = BreakageForecast(cohorts(0.1, 8, months: 10), lots)
        var expected = 1_000.0
        for _ in 0..<12 { expected *= 0.9 }
        expected += 90 + 7
        #expect(abs(forecast.breakage.value - expected) < 1e-9)
        #expect(abs((forecast.breakage.high ?? 0) - expected) < 1e-9)
        #expect(forecast.outstanding == 1_107)
        #expect(forecast.rates.allSatisfy { abs($0 - 0.1) < 1e-12 })
    }

    @Test("cohorts that differ widen the interval, which holds the estimate and is the same every time")
    func interval() throws {
        let mixed = cohorts(0.02, 6, months: 12) + cohorts(0.2, 6, months: 12)
        let lots = [BreakageForecast.Lot(ageMonths: 0, monthsLeft: 12, amount: 1_000)]
        let forecast = BreakageForecast(mixed, lots)
        let (low, high) = (try #require(forecast.breakage.low), try #require(forecast.breakage.high))
        #expect(low < forecast.breakage.value && forecast.breakage.value < high)
        #expect(high - low > 50)
        #expect(forecast == BreakageForecast(mixed, lots))
    }

    @Test("with nothing to learn from all that lapses is breakage, and no interval is claimed")
    func nothing() {
        let forecast = BreakageForecast([], [BreakageForecast.Lot(ageMonths: 1, monthsLeft: nil, amount: 50)])
        #expect(forecast.breakage == BreakageForecast.Estimate(value: 50))
        #expect(BreakageForecast([], []).breakage.value == 0)
    }
}
