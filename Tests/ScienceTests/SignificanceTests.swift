import Science
import Testing

@Suite("Rates and chance")
struct SignificanceTests {
    @Test("the beta distribution has the quantiles of tables")
    func beta() {
        // Beta(1, 1) is uniform; Beta(2, 1) has the distribution x²; Beta(5, 5) is symmetric.
        #expect(abs(BetaDistribution(alpha: 1, beta: 1).quantile(0.025) - 0.025) < 1e-9)
        #expect(abs(BetaDistribution(alpha: 2, beta: 1).cumulative(0.3) - 0.09) < 1e-12)
        #expect(abs(BetaDistribution(alpha: 5, beta: 5).cumulative(0.5) - 0.5) < 1e-12)
        // SciPy: beta.ppf([.025, .975], 10, 20).
        let rate = BetaDistribution(alpha: 10, beta: 20)
        #expect(abs(rate.quantile(0.025) - 0.179_383_65) < 1e-6)
        #expect(abs(rate.quantile(0.975) - 0.508_323_35) < 1e-6)
        // The interval holds what it says, also for counts in the millions.
        let large = BetaDistribution(successes: 30_000, of: 1_000_000, from: 0.05, weight: 20)
        #expect(abs(large.cumulative(large.quantile(0.975)) - 0.975) < 1e-9)
        #expect(BetaDistribution(successes: 0, of: 0, from: 0.1, weight: 20).mean == 0.1)
        #expect(abs(BetaDistribution(successes: 3, of: 10, from: 0.1, weight: 20).mean - 5.0 / 30) < 1e-12)
    }

    @Test("false discoveries are held down as Benjamini and Hochberg say")
    func discoveries() {
        // R: p.adjust(c(.01, .04, .03, .005), "BH").
        let adjusted = Significance.adjusted([0.01, 0.04, 0.03, 0.005])
        #expect(zip(adjusted, [0.02, 0.04, 0.04, 0.02]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(Significance.adjusted([]) == [] && Significance.adjusted([0.5]) == [0.5])
        #expect(abs(Significance.twoSided(z: 1.959_963_985) - 0.05) < 1e-9 && Significance.twoSided(z: 0) == 1)
    }
}
