import Foundation

/// So many of so many.
package struct Proportion: Sendable, Equatable {
    package let successes: Int64
    package let trials: Int64

    /// `trials` above 0, `successes` at most as many.
    package init(_ successes: Int64, of trials: Int64) {
        precondition(trials > 0 && (0...trials).contains(successes), "a proportion is so many of some")
        self.successes = successes
        self.trials = trials
    }

    package var rate: Double { Double(successes) / Double(trials) }

    /// Variance of the rate as an estimate.
    package var variance: Double { rate * (1 - rate) / Double(trials) }

    /// E. B. Wilson, *JASA* 22 (1927): the rates that a score test would not reject.
    package func wilson(alpha: Double) -> Interval {
        let z = NormalDistribution.quantile(1 - alpha / 2)
        let n = Double(trials)
        let whole = 1 + z * z / n
        let middle = (rate + z * z / (2 * n)) / whole
        let half = z * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot() / whole
        return Interval(successes == 0 ? 0 : middle - half, successes == trials ? 1 : middle + half)
    }

    /// C. J. Clopper, E. S. Pearson, *Biometrika* 26 (1934): never less sure than it says, at the price of width.
    package func clopperPearson(alpha: Double) -> Interval {
        let (x, n) = (Double(successes), Double(trials))
        return Interval(
            successes == 0 ? 0 : BetaDistribution(alpha: x, beta: n - x + 1).quantile(alpha / 2),
            successes == trials ? 1 : BetaDistribution(alpha: x + 1, beta: n - x).quantile(1 - alpha / 2))
    }

    /// What is believed of the rate after these trials, from Jeffreys' prior: equal tails (Brown, Cai, DasGupta,
    /// *Statistical Science* 16, 2001).
    package func jeffreys(alpha: Double) -> Interval {
        let belief = BetaDistribution(alpha: Double(successes) + 0.5, beta: Double(trials - successes) + 0.5)
        return Interval(belief.quantile(alpha / 2), belief.quantile(1 - alpha / 2))
    }
}
