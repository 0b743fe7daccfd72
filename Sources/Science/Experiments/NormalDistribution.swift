import Foundation

/// The standard normal distribution.
package enum NormalDistribution {
    /// The probability of at most `z`.
    package static func cumulative(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

    package static func density(_ z: Double) -> Double { exp(-z * z / 2) / (2 * Double.pi).squareRoot() }

    /// The value that is not exceeded with this probability, 0 and 1 excluded.
    ///
    /// P. J. Acklam's rational approximation (relative error below 1.2e-9) with one step of Halley's method on top,
    /// which brings it to the precision of `erfc`.
    package static func quantile(_ probability: Double) -> Double {
        precondition(probability > 0 && probability < 1, "a quantile needs a probability between 0 and 1")
        // From above the middle, `1 - p` would have lost its digits in the tail; below it has not.
        guard probability <= 0.5 else { return -quantile(1 - probability) }
        let start = rational(probability)
        let error = cumulative(start) - probability
        let step = error / density(start)
        return start - step / (1 + start * step / 2)
    }

    private static func rational(_ p: Double) -> Double {
        if p < 0.02425 {
            let q = (-2 * log(p)).squareRoot()
            return polynomial(q, tail) / (polynomial(q, tailBelow) * q + 1)
        }
        let q = p - 0.5
        return polynomial(q * q, middle) * q / (polynomial(q * q, middleBelow) * q * q + 1)
    }

    /// The highest power first.
    private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }

    private static let middle = [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
        -3.066479806614716e+01, 2.506628277459239e+00,
    ]
    private static let middleBelow = [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
        -1.328068155288572e+01,
    ]
    private static let tail = [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
        4.374664141464968e+00, 2.938163982698783e+00,
    ]
    private static let tailBelow = [
        7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00,
    ]
}
