import Foundation

/// How surprising something would be if only chance were at work.
package enum Significance {
    /// The probability that a normal variable is at least so many standard deviations from its mean, on either side.
    package static func twoSided(z: Double) -> Double {
        erfc(abs(z) / 2.0.squareRoot())
    }

    /// The least rate of false discoveries at which each of several findings would still count as one, in the order given.
    /// Source: Benjamini & Hochberg, *Journal of the Royal Statistical Society B* 57 (1995), in the step-up form.
    package static func adjusted(_ probabilities: [Double]) -> [Double] {
        let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
        var adjusted = probabilities
        var least = 1.0
        for (index, place) in order.enumerated() {
            let rank = Double(probabilities.count - index)
            least = min(least, probabilities[place] * Double(probabilities.count) / rank)
            adjusted[place] = least
        }
        return adjusted
    }

    /// The level at which each of several findings would still count as one when not even one false finding is wanted, in
    /// the order given. Source: S. Holm, *Scandinavian Journal of Statistics* 6 (1979).
    package static func holm(_ probabilities: [Double]) -> [Double] {
        let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
        var adjusted = probabilities
        var most = 0.0
        for (rank, place) in order.enumerated() {
            most = max(most, min(1, probabilities[place] * Double(probabilities.count - rank)))
            adjusted[place] = most
        }
        return adjusted
    }
}
