import Foundation

/// How many people an experiment needs, and what it can see with those it has. Two variants of equal size, two-sided.
package struct SampleSize: Sendable {
    /// The risk of seeing a difference that is not there.
    package let alpha: Double
    /// The chance of seeing one that is.
    package let power: Double

    package init(alpha: Double = 0.05, power: Double = 0.8) {
        precondition(alpha > 0 && alpha < 1 && power > 0 && power < 1, "shares between 0 and 1")
        self.alpha = alpha
        self.power = power
    }

    private var zAlpha: Double { NormalDistribution.quantile(1 - alpha / 2) }
    private var zPower: Double { NormalDistribution.quantile(power) }

    /// How the spread of two rates is put together.
    package enum Method: Sendable, CaseIterable {
        /// Under no difference, the spread of the mean rate: Fleiss, Levin, Paik, “Statistical Methods for Rates and
        /// Proportions”, 3rd ed., 4.2. The one that the console uses: it belongs to the test of `TwoProportions.z`.
        case pooled
        case unpooled
        /// Under no difference, the control's spread twice (Evan Miller's calculator).
        case control
        /// J. Cohen's h, the difference of arcsines: “Statistical Power Analysis”, 2nd ed., 6.
        case arcsine
    }

    /// People of each variant to tell rate `first` from `second`.
    package func people(first: Double, second: Double, _ method: Method = .pooled) -> Double {
        let difference = second - first
        let spread = first * (1 - first) + second * (1 - second)
        func byNull(_ rate: Double) -> Double {
            let null = (2 * rate * (1 - rate)).squareRoot()
            return squared((zAlpha * null + zPower * spread.squareRoot()) / difference)
        }
        switch method {
        case .pooled: return byNull((first + second) / 2)
        case .unpooled: return squared((zAlpha + zPower) / difference) * spread
        case .control: return byNull(first)
        case .arcsine:
            let h = 2 * asin(second.squareRoot()) - 2 * asin(first.squareRoot())
            return 2 * squared((zAlpha + zPower) / h)
        }
    }

    /// People of each variant to tell means that lie `effect` standard deviations apart, by the normal distribution.
    package func people(effect: Double) -> Double { 2 * squared((zAlpha + zPower) / effect) }

    /// The same by the t distribution, which matters for small samples: the size at which `power(effect:people:)`
    /// is met.
    package func peopleByT(effect: Double) -> Double {
        var (low, high) = (2.0, max(4, people(effect: effect) * 2))
        while Self.power(effect: effect, people: high, alpha: alpha) < power { high *= 2 }
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let isTooSmall = Self.power(effect: effect, people: middle, alpha: alpha) < power
            if isTooSmall { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The chance that Welch's or Student's test sees means `effect` deviations apart: the noncentral t
    /// distribution, by Simpson's rule over the chi-square of the variance (Johnson, Kotz, Balakrishnan:
    /// “Continuous Univariate Distributions” 2, 31).
    package static func power(effect: Double, people: Double, alpha: Double) -> Double {
        let degrees = 2 * people - 2
        guard degrees > 0 else { return 0 }
        let shift = effect * (people / 2).squareRoot()
        let critical = StudentDistribution(degrees: degrees).critical(alpha: alpha)
        let spread = (2 * degrees).squareRoot()
        let (low, high) = (max(degrees - 10 * spread, 1e-9), degrees + 14 * spread)
        let step = (high - low) / Double(cells)
        let front = -degrees / 2 * log(2) - Foundation.lgamma(degrees / 2)
        var sum = 0.0
        for cell in 0...cells {
            let w = low + Double(cell) * step
            let density = exp(front + (degrees / 2 - 1) * log(w) - w / 2)
            let bound = critical * (w / degrees).squareRoot()
            let beyond = NormalDistribution.cumulative(shift - bound) + NormalDistribution.cumulative(-shift - bound)
            sum += density * beyond * (cell == 0 || cell == cells ? 1 : cell % 2 == 1 ? 4 : 2)
        }
        return min(sum * step / 3, 1)
    }

    private static let cells = 600

    /// The chance that the z test sees `second` against `first` with so many people of each.
    package static func power(first: Double, second: Double, people: Double, alpha: Double) -> Double {
        let middle = (first + second) / 2
        let null = (2 * middle * (1 - middle) / people).squareRoot()
        let spread = ((first * (1 - first) + second * (1 - second)) / people).squareRoot()
        guard spread > 0 else { return 0 }
        let z = NormalDistribution.quantile(1 - alpha / 2)
        let away = abs(second - first)
        return NormalDistribution.cumulative((away - z * null) / spread)
            + NormalDistribution.cumulative((-away - z * null) / spread)
    }

    /// The least rise over rate `first` that so many people of each variant can show; nil where not even everybody
    /// converting would.
    package func detectable(first: Double, people size: Double) -> Double? {
        var (low, high) = (0.0, 1 - first)
        guard high > 0, people(first: first, second: 1 - 1e-12) <= size else { return nil }
        for _ in 0..<80 {
            let middle = (low + high) / 2
            let isTooSmall = middle == 0 || people(first: first, second: first + middle) > size
            if isTooSmall { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The least difference of means that so many people of each variant can show.
    package func detectable(deviation: Double, people: Double) -> Double {
        (zAlpha + zPower) * deviation * (2 / people).squareRoot()
    }

    private func squared(_ value: Double) -> Double { value * value }
}
