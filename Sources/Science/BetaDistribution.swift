import Foundation

/// The beta distribution: what is believed of a rate after successes and failures.
///
/// Starting from `Beta(m·p, m·(1 − p))`, which weighs as much as `m` earlier trials at rate `p`, `k` successes of `n` lead
/// to `Beta(m·p + k, m·(1 − p) + n − k)` (Gelman et al.: “Bayesian Data Analysis”, third edition, 2.4).
package struct BetaDistribution: Sendable, Equatable {
    package let alpha: Double
    package let beta: Double

    /// Both above 0.
    package init(alpha: Double, beta: Double) {
        self.alpha = max(alpha, .leastNormalMagnitude)
        self.beta = max(beta, .leastNormalMagnitude)
    }

    /// After trials, from a rate that weighs as much as `weight` of them.
    package init(successes: Int64, of trials: Int64, from rate: Double, weight: Double) {
        // A rate of exactly nothing or everything would allow for nothing else.
        let rate = min(max(rate, 1e-6), 1 - 1e-6)
        self.init(
            alpha: weight * rate + Double(successes), beta: weight * (1 - rate) + Double(trials - successes))
    }

    package var mean: Double { alpha / (alpha + beta) }

    /// The probability of at most `x`: the regularized incomplete beta function.
    package func cumulative(_ x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(
            Foundation.lgamma(alpha + beta) - Foundation.lgamma(alpha) - Foundation.lgamma(beta)
                + alpha * log(x) + beta * log1p(-x))
        return x < (alpha + 1) / (alpha + beta + 2)
            ? front * Self.fraction(alpha, beta, x) / alpha : 1 - front * Self.fraction(beta, alpha, 1 - x) / beta
    }

    /// The value that is not exceeded with this probability.
    package func quantile(_ probability: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        for _ in 0..<Self.halvings {
            let middle = (low + high) / 2
            if cumulative(middle) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static let halvings = 60
    /// It takes some square root of the greater parameter.
    private static let termsMax = 20_000

    /// The continued fraction of DLMF 8.17.22, by Lentz's method (Press et al.: “Numerical Recipes”, 6.4).
    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / kept(1 - (a + b) * x / (a + 1))
        var result = d
        for term in 1...termsMax {
            let m = Double(term)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / kept(1 + even * d)
            c = kept(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / kept(1 + odd * d)
            c = kept(1 + odd / c)
            let step = d * c
            result *= step
            if abs(step - 1) < 1e-13 { break }
        }
        return result
    }
}
