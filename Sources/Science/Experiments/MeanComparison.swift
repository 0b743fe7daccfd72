import Foundation

/// Two estimates compared: the second less the first, with the variance of each and the size of the sample it is
/// from.
///
/// Means (Welch), means adjusted by what people did before (CUPED) and ratios (delta method) all come down to this.
package struct MeanComparison: Sendable, Equatable {
    package struct Estimate: Sendable, Equatable {
        package var mean: Double
        /// Of a single person's value, not of the mean.
        package var variance: Double
        package var count: Double

        package init(mean: Double, variance: Double, count: Double) {
            self.mean = mean
            self.variance = variance
            self.count = count
        }

        /// Variance of the mean.
        package var error: Double { count > 0 ? variance / count : 0 }
    }

    package let control: Estimate
    package let treatment: Estimate

    package init(control: Estimate, treatment: Estimate) {
        self.control = control
        self.treatment = treatment
    }

    package var difference: Double { treatment.mean - control.mean }
    /// Of the difference.
    package var variance: Double { control.error + treatment.error }
    /// 0 where nothing varies.
    package var t: Double { variance > 0 ? difference / variance.squareRoot() : 0 }

    /// B. L. Welch, *Biometrika* 34 (1947), after Satterthwaite.
    package var degrees: Double {
        let (a, b) = (control.error, treatment.error)
        guard a + b > 0, control.count > 1, treatment.count > 1 else { return 1 }
        return (a + b) * (a + b) / (a * a / (control.count - 1) + b * b / (treatment.count - 1))
    }

    /// Two-sided.
    package var pValue: Double { variance > 0 ? StudentDistribution(degrees: degrees).twoSided(t) : 1 }

    package func interval(alpha: Double) -> Interval {
        let critical = StudentDistribution(degrees: degrees).critical(alpha: alpha)
        return Interval(around: difference, critical * variance.squareRoot())
    }

    /// The difference as a share of the control's mean, by the delta method (Deng et al., “Applying the Delta
    /// Method in Metric Analytics”, KDD 2018). Nil where the control's mean is not told from 0.
    package func relative(alpha: Double) -> (lift: Double, interval: Interval)? {
        let base = control.mean
        guard base > 0, base * base > 4 * control.error else { return nil }
        let ratio = treatment.mean / base
        let spread = (treatment.error + ratio * ratio * control.error) / (base * base)
        let z = NormalDistribution.quantile(1 - alpha / 2)
        return (ratio - 1, Interval(around: ratio - 1, z * spread.squareRoot()))
    }
}

extension MeanComparison {
    /// Of plain means.
    package init(control: SampleMoments, treatment: SampleMoments) {
        func estimate(_ sample: SampleMoments) -> Estimate {
            Estimate(mean: sample.mean, variance: sample.variance, count: sample.count)
        }
        self.init(control: estimate(control), treatment: estimate(treatment))
    }

    /// Of means with what is explained by the time before taken out: `Y − θ (X − E X)`, `θ = cov(X, Y) / var(X)`
    /// over both samples together (Deng, Xu, Kohavi, Walker: “Improving the Sensitivity of Online Controlled
    /// Experiments by Utilizing Pre-Experiment Data”, WSDM 2013). Nil where nothing varied before.
    package init?(cuped control: SampleMoments, treatment: SampleMoments) {
        guard let theta = Self.theta(control, treatment) else { return nil }
        let centre = (control + treatment).otherMean
        func estimate(_ sample: SampleMoments) -> Estimate {
            Estimate(
                mean: sample.mean - theta * (sample.otherMean - centre),
                variance: max(
                    sample.variance + theta * theta * sample.otherVariance - 2 * theta * sample.covariance, 0),
                count: sample.count)
        }
        self.init(control: estimate(control), treatment: estimate(treatment))
    }

    /// How much a difference before goes into one after.
    package static func theta(_ control: SampleMoments, _ treatment: SampleMoments) -> Double? {
        let both = control + treatment
        return both.otherVariance > 0 ? both.covariance / both.otherVariance : nil
    }

    /// Of ratios of sums, `ΣM / ΣD` (revenue per order), where people are what was assigned and not orders:
    /// variance by the delta method (Deng et al., KDD 2018, eq. 3). Nil without any denominator.
    package init?(ratio control: SampleMoments, treatment: SampleMoments) {
        func estimate(_ sample: SampleMoments) -> Estimate? {
            guard sample.otherMean > 0 else { return nil }
            let (m, d) = (sample.mean, sample.otherMean)
            let variance =
                sample.variance / (d * d) + m * m * sample.otherVariance / (d * d * d * d)
                - 2 * m * sample.covariance / (d * d * d)
            return Estimate(mean: m / d, variance: max(variance, 0), count: sample.count)
        }
        guard let first = estimate(control), let second = estimate(treatment) else { return nil }
        self.init(control: first, treatment: second)
    }
}
