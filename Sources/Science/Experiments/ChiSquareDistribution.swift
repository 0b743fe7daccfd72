import Foundation

/// The chi-square distribution's upper tail.
package enum ChiSquareDistribution {
    /// The probability of at least `x`: the regularized upper incomplete gamma function `Q(k/2, x/2)`, by its
    /// series below `k/2 + 1` and its continued fraction above (DLMF 8.7.1 and 8.9.2; Press et al.: “Numerical
    /// Recipes”, 6.2).
    package static func upper(_ x: Double, degrees: Int) -> Double {
        precondition(degrees > 0, "degrees of freedom are above 0")
        guard x > 0 else { return 1 }
        let (a, half) = (Double(degrees) / 2, x / 2)
        let front = exp(a * log(half) - half - Foundation.lgamma(a))
        return half < a + 1 ? 1 - front * series(a, half) : front * fraction(a, half)
    }

    private static let termsMax = 10_000

    private static func series(_ a: Double, _ x: Double) -> Double {
        var (term, sum) = (1 / a, 1 / a)
        for step in 1...termsMax {
            term *= x / (a + Double(step))
            sum += term
            if term < sum * 1e-16 { break }
        }
        return sum
    }

    private static func fraction(_ a: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var result = d
        for step in 1...termsMax {
            let n = Double(step)
            let an = -n * (n - a)
            b += 2
            d = an * d + b
            if abs(d) < tiny { d = tiny }
            c = b + an / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            result *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return result
    }
}
