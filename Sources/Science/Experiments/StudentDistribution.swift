import Foundation

/// Student's t distribution with any number of degrees of freedom above 0.
package struct StudentDistribution: Sendable {
    package let degrees: Double

    package init(degrees: Double) {
        precondition(degrees > 0, "degrees of freedom are above 0")
        self.degrees = degrees
    }

    /// Beyond this the normal distribution is the same to nine digits.
    private static let normalAbove = 1e8

    /// The probability of a value at least as far from 0 as `t`: DLMF 8.17 by way of `I_{ν/(ν+t²)}(ν/2, 1/2)`
    /// (Abramowitz & Stegun 26.7.1).
    package func twoSided(_ t: Double) -> Double {
        guard degrees < Self.normalAbove else { return Significance.twoSided(z: t) }
        return BetaDistribution(alpha: degrees / 2, beta: 0.5).cumulative(degrees / (degrees + t * t))
    }

    package func cumulative(_ t: Double) -> Double {
        t > 0 ? 1 - twoSided(t) / 2 : twoSided(t) / 2
    }

    /// The value exceeded on either side with probability `alpha` in all.
    package func critical(alpha: Double) -> Double {
        guard degrees < Self.normalAbove else { return NormalDistribution.quantile(1 - alpha / 2) }
        var (low, high) = (0.0, 2.0)
        while twoSided(high) > alpha, high < 1e12 { (low, high) = (high, high * 2) }
        for _ in 0..<Self.halvings {
            let middle = (low + high) / 2
            if twoSided(middle) > alpha { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static let halvings = 60
}
