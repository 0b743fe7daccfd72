import Foundation

/// Tests that may be looked at whenever one likes: what they say holds at all looks together.
package enum SequentialTest {
    /// A normal mixture of alternatives with variance `tau2` around no difference; `variance` is that of the
    /// difference. Johari, Koomen, Pekelis, Walsh: “Peeking at A/B Tests”, KDD 2017 (mSPRT).
    package struct Mixture: Sendable {
        package let difference: Double
        package let variance: Double
        package let tau2: Double

        /// All above 0 but the difference.
        package init(difference: Double, variance: Double, tau2: Double) {
            self.difference = difference
            self.variance = variance
            self.tau2 = tau2
        }

        /// The likelihood of what was seen under the mixture, over that under no difference.
        package var ratio: Double {
            let whole = variance + tau2
            return (variance / whole).squareRoot() * exp(tau2 * difference * difference / (2 * variance * whole))
        }

        /// Of this look; the running one is the least so far.
        package var pValue: Double { min(1, 1 / ratio) }

        package func interval(alpha: Double) -> Interval {
            let whole = variance + tau2
            let half = variance * whole / tau2 * (2 * log(1 / alpha) + log(whole / variance))
            return Interval(around: difference, half.squareRoot())
        }
    }

    /// People of both samples for which the sequence below is narrowest, unless told otherwise.
    package static let peopleTuned = 5_000.0

    /// An asymptotic confidence sequence: an interval that keeps covering the difference at all sizes of sample at
    /// once.
    ///
    /// Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas: “Time-uniform central limit theory and asymptotic confidence
    /// sequences”, *Annals of Statistics* 52 (2024), arXiv 2103.06476: theorem 2.2, with ρ as in its eq. 161 for
    /// the size at which it is to be narrowest.
    package static func sequence(
        _ comparison: MeanComparison, alpha: Double, tuned: Double = peopleTuned
    ) -> (interval: Interval, pValue: Double) {
        let n = comparison.control.count + comparison.treatment.count
        guard n > 0, comparison.variance > 0 else {
            return (Interval(-.infinity, .infinity), 1)
        }
        let rho2 = (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuned
        let whole = n * rho2 + 1
        let half = (comparison.variance * 2 * whole * log(whole.squareRoot() / alpha) / (n * rho2)).squareRoot()
        let evidence = exp(n * rho2 * comparison.t * comparison.t / (2 * whole)) / whole.squareRoot()
        return (Interval(around: comparison.difference, half), min(1, 1 / evidence))
    }
}
