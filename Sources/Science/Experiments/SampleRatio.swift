/// Whether as many came into each variant as were meant to: if not, something chooses whom we see, and no other
/// figure can be trusted (Fabijan et al., “Diagnosing Sample Ratio Mismatch in Online Controlled Experiments”, KDD
/// 2019).
package struct SampleRatio: Sendable, Equatable {
    /// Pearson's statistic.
    package let chiSquare: Double
    package let pValue: Double

    /// So sure one must be to raise the alarm, because it is looked at every day.
    package static let alarm = 0.001

    package var isMismatch: Bool { pValue < SampleRatio.alarm }

    /// `weights` in any unit; variants with weight 0 are left out.
    package init(observed: [Int64], weights: [Double]) {
        let pairs = zip(observed, weights).filter { $0.1 > 0 }
        let whole = Double(pairs.reduce(0) { $0 + $1.0 })
        let weight = pairs.reduce(0) { $0 + $1.1 }
        guard pairs.count > 1, whole > 0 else {
            (chiSquare, pValue) = (0, 1)
            return
        }
        chiSquare = pairs.reduce(0) { sum, pair in
            let expected = whole * pair.1 / weight
            let off = Double(pair.0) - expected
            return sum + off * off / expected
        }
        pValue = ChiSquareDistribution.upper(chiSquare, degrees: pairs.count - 1)
    }
}
