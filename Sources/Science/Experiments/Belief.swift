import Foundation

/// What is believed of a variant's true value after what was seen.
package enum Belief: Sendable, Equatable {
    /// Of a rate: successes and failures, each counted from one (a uniform prior).
    case rate(BetaDistribution)
    /// Of a mean: the sample's, with its error; a flat prior (Gelman et al.: “Bayesian Data Analysis”, 3rd ed., 2.5).
    case mean(Double, error: Double)

    package static func rate(_ proportion: Proportion) -> Belief {
        .rate(
            BetaDistribution(
                alpha: Double(proportion.successes) + 1, beta: Double(proportion.trials - proportion.successes) + 1))
    }

    package var mean: Double {
        switch self {
        case .rate(let beta): beta.mean
        case .mean(let mean, _): mean
        }
    }

    package var deviation: Double {
        switch self {
        case .rate(let beta):
            let whole = beta.alpha + beta.beta
            return (beta.alpha * beta.beta / (whole * whole * (whole + 1))).squareRoot()
        case .mean(_, let error): return error
        }
    }

    /// Equal tails.
    package func interval(alpha: Double) -> Interval {
        switch self {
        case .rate(let beta): Interval(beta.quantile(alpha / 2), beta.quantile(1 - alpha / 2))
        case .mean(let mean, let error):
            Interval(around: mean, error * NormalDistribution.quantile(1 - alpha / 2))
        }
    }

    func density(_ x: Double) -> Double {
        switch self {
        case .rate(let beta):
            guard x > 0, x < 1 else { return beta.edge(x) }
            return exp(beta.logWhole + (beta.alpha - 1) * log(x) + (beta.beta - 1) * log1p(-x))
        case .mean(let mean, let error): return NormalDistribution.density((x - mean) / error) / error
        }
    }
}

extension BetaDistribution {
    fileprivate var logWhole: Double {
        let parts: Double = Foundation.lgamma(alpha) + Foundation.lgamma(beta)
        return Foundation.lgamma(alpha + beta) - parts
    }

    /// The density at 0 and 1 of shapes from 1 on, where the logarithms above have none.
    fileprivate func edge(_ x: Double) -> Double {
        if x == 0 { return alpha == 1 ? beta : 0 }
        if x == 1 { return beta == 1 ? alpha : 0 }
        return 0
    }
}
