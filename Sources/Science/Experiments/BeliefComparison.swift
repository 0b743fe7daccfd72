import Foundation

/// Which of several variants is best, and what choosing each would cost, by quadrature: no draws, so the same every
/// time.
package struct BeliefComparison: Sendable {
    /// The probability of each that it has the highest value; sums to 1.
    package let best: [Double]
    /// What choosing each gives up against the best one, expected.
    package let losses: [Double]

    private static let pointsEachDeviation = 40.0
    private static let deviations = 9.0
    private static let cellsMin = 2_000
    private static let cellsMax = 60_000

    /// With `F` the distributions: `P(i best) = ∫ f_i Π F_j`, and, as `max(a − b, 0) = ∫ 1(b < x < a) dx`, the loss
    /// of `i` is `∫ F_i (1 − Π F_j) dx`, over `j` other than `i`. For two rates these are the closed forms of E.
    /// Miller, “Formulas for Bayesian A/B Testing”, and C. Stucchio, “Bayesian A/B Testing at VWO” (2015).
    /// Simpson's rule.
    package init(_ beliefs: [Belief]) {
        guard beliefs.count > 1, beliefs.allSatisfy({ $0.deviation > 0 }) else {
            best = Self.certain(beliefs)
            let most = beliefs.map(\.mean).max() ?? 0
            losses = beliefs.map { most - $0.mean }
            return
        }
        let (start, spacing, cells) = Self.grid(beliefs)
        var densities: [[Double]] = []
        var sums: [[Double]] = []
        for belief in beliefs {
            let (density, sum) = Self.columns(belief, start, spacing, cells)
            densities.append(density)
            sums.append(sum)
        }
        var (best, losses) = (beliefs.map { _ in 0.0 }, beliefs.map { _ in 0.0 })
        for cell in 0...cells {
            let weight = (cell == 0 || cell == cells ? 1.0 : cell % 2 == 1 ? 4 : 2) * spacing / 3
            for index in beliefs.indices {
                var others = 1.0
                for other in beliefs.indices where other != index { others *= sums[other][cell] }
                best[index] += weight * densities[index][cell] * others
                losses[index] += weight * sums[index][cell] * (1 - others)
            }
        }
        self.best = best
        self.losses = losses
    }

    /// Where nothing is uncertain; equals share.
    private static func certain(_ beliefs: [Belief]) -> [Double] {
        let most = beliefs.map(\.mean).max() ?? 0
        let leaders = Double(beliefs.count { $0.mean == most })
        return beliefs.map { $0.mean == most ? 1 / leaders : 0 }
    }

    private static func grid(_ beliefs: [Belief]) -> (start: Double, spacing: Double, cells: Int) {
        var (low, high, narrow) = (Double.infinity, -Double.infinity, Double.infinity)
        for belief in beliefs {
            var (from, to) = (
                belief.mean - deviations * belief.deviation, belief.mean + deviations * belief.deviation
            )
            if case .rate = belief { (from, to) = (max(from, 0), min(to, 1)) }
            (low, high, narrow) = (min(low, from), max(high, to), min(narrow, belief.deviation))
        }
        let wanted = (high - low) / narrow * pointsEachDeviation
        let cells = min(max(wanted.isFinite ? Int(min(wanted, 1e6)) : cellsMin, cellsMin), cellsMax) / 2 * 2
        return (low, (high - low) / Double(cells), cells)
    }

    /// Density at the points of the grid, and its integral up to them, with Simpson's rule in each cell.
    private static func columns(
        _ belief: Belief, _ start: Double, _ spacing: Double, _ cells: Int
    ) -> ([Double], [Double]) {
        var density = [belief.density(start)]
        var sums = [0.0]
        density.reserveCapacity(cells + 1)
        sums.reserveCapacity(cells + 1)
        for cell in 0..<cells {
            let left = start + Double(cell) * spacing
            let middle = belief.density(left + spacing / 2)
            let right = belief.density(left + spacing)
            sums.append(min(sums[cell] + spacing / 6 * (density[cell] + 4 * middle + right), 1))
            density.append(right)
        }
        return (density, sums)
    }
}
