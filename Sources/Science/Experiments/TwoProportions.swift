import Foundation

/// Two rates compared once, at the end: the second less the first.
package struct TwoProportions: Sendable {
    package let control: Proportion
    package let treatment: Proportion

    package init(control: Proportion, treatment: Proportion) {
        self.control = control
        self.treatment = treatment
    }

    package var difference: Double { treatment.rate - control.rate }

    /// Of the difference, without pooling.
    package var variance: Double { control.variance + treatment.variance }

    /// The score statistic with the rate of both together (Pearson's chi-square is its square). 0 where nothing
    /// varies.
    package var z: Double {
        let (m, n) = (Double(control.trials), Double(treatment.trials))
        let pooled = Double(control.successes + treatment.successes) / (m + n)
        let spread = pooled * (1 - pooled) * (1 / m + 1 / n)
        return spread > 0 ? difference / spread.squareRoot() : 0
    }

    package var pValue: Double { Significance.twoSided(z: z) }

    /// The textbook interval of A. Wald: symmetric, and too narrow for rates near 0.
    package func wald(alpha: Double) -> Interval {
        Interval(around: difference, NormalDistribution.quantile(1 - alpha / 2) * variance.squareRoot())
    }

    /// R. G. Newcombe, *Statistics in Medicine* 17 (1998), method 10: Wilson's intervals of both, combined.
    package func newcombe(alpha: Double) -> Interval {
        let (a, b) = (control.wilson(alpha: alpha), treatment.wilson(alpha: alpha))
        func length(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
        return Interval(
            difference - length(treatment.rate - b.low, a.high - control.rate),
            difference + length(b.high - treatment.rate, control.rate - a.low))
    }

    /// The chi-square statistic with F. Yates' correction for continuity (1934).
    package var yates: Double {
        let (m, n) = (Double(control.trials), Double(treatment.trials))
        let (x, y) = (Double(control.successes), Double(treatment.successes))
        let (hits, misses) = (x + y, m + n - x - y)
        guard hits > 0, misses > 0 else { return 0 }
        let cross = max(abs(x * (n - y) - y * (m - x)) - (m + n) / 2, 0)
        return (m + n) * cross * cross / (m * n * hits * misses)
    }

    /// The smallest count that chance would give in one of the four cells; below 5 the normal tests are not to be
    /// trusted (W. G. Cochran, *Biometrics* 10, 1954).
    package var leastExpected: Double {
        let hits = Double(control.successes + treatment.successes)
        let all = Double(control.trials + treatment.trials)
        let fewer = Double(min(control.trials, treatment.trials))
        return min(hits, all - hits) * fewer / all
    }

    /// R. A. Fisher's exact test, two-sided: tables no likelier than this one.
    package var fisher: Double {
        let (m, n) = (control.trials, treatment.trials)
        let hits = control.successes + treatment.successes
        func logChoose(_ n: Int64, _ k: Int64) -> Double {
            Foundation.lgamma(Double(n) + 1) - Foundation.lgamma(Double(k) + 1)
                - Foundation.lgamma(Double(n - k) + 1)
        }
        let whole = logChoose(m + n, hits)
        func logLikelihood(_ x: Int64) -> Double { logChoose(m, x) + logChoose(n, hits - x) - whole }
        // Equal tables differ in the last digits.
        let observed = logLikelihood(control.successes) + 1e-7
        var sum = 0.0
        for x in max(0, hits - n)...min(m, hits) {
            let likelihood = logLikelihood(x)
            if likelihood <= observed { sum += exp(likelihood) }
        }
        return min(sum, 1)
    }
}
