import Foundation

/// Bounds for looks that were planned beforehand, evenly spaced: at each, how far z must be from 0 to stop.
package enum GroupSequential {
    /// How the risk of a false alarm is spent over the looks.
    package enum Spending: String, Sendable, CaseIterable {
        /// Hardly any at first: Lan & DeMets, *Biometrika* 70 (1983), after O'Brien & Fleming.
        case late
        /// By the square of the share of the sample: Kim & DeMets, *Biometrika* 74 (1987).
        case squared

        /// The risk spent when this share of the sample is there.
        package func spent(_ share: Double, alpha: Double) -> Double {
            switch self {
            case .late:
                let z = NormalDistribution.quantile(1 - alpha / 2)
                return 2 * NormalDistribution.cumulative(-z / share.squareRoot())
            case .squared: return alpha * share * share
            }
        }
    }

    package static let looksMax = 20

    /// The bounds of `looks` looks, first to last, both sides.
    ///
    /// The sum's density between the bounds is carried from look to look by numerical integration: Armitage,
    /// McPherson, Rowe, *JRSS A* 132 (1969).
    package static func bounds(looks: Int, alpha: Double, _ spending: Spending) -> [Double] {
        precondition((1...looksMax).contains(looks), "1 to \(looksMax) looks")
        let step = 1 / Double(looks)
        let width = step.squareRoot()
        var bounds: [Double] = []
        // Where the sum stands among those who went on: at first, at 0 for sure.
        var (points, masses) = ([0.0], [1.0])
        var before = 0.0
        for look in 1...looks {
            let share = Double(look) * step
            let spent = spending.spent(share, alpha: alpha)
            let bound = crossing(points, masses, width, spent - before)
            before = spent
            bounds.append(bound / share.squareRoot())
            (points, masses) = carried(points, masses, width, bound)
        }
        return bounds
    }

    /// The bound that is crossed with this probability in one step.
    private static func crossing(
        _ points: [Double], _ masses: [Double], _ width: Double, _ probability: Double
    ) -> Double {
        var (low, high) = (0.0, 20.0)
        for _ in 0..<80 {
            let middle = (low + high) / 2
            var crossed = 0.0
            for (point, mass) in zip(points, masses) {
                crossed +=
                    mass
                    * (NormalDistribution.cumulative((point - middle) / width)
                        + NormalDistribution.cumulative((-middle - point) / width))
            }
            if crossed > probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static let cells = 400

    /// Simpson's rule between the bounds.
    private static func carried(
        _ points: [Double], _ masses: [Double], _ width: Double, _ bound: Double
    ) -> ([Double], [Double]) {
        let spacing = 2 * bound / Double(cells)
        var (next, weights) = ([Double](), [Double]())
        for cell in 0...cells {
            let x = -bound + Double(cell) * spacing
            var density = 0.0
            for (point, mass) in zip(points, masses) {
                density += mass * NormalDistribution.density((x - point) / width) / width
            }
            let weight = cell == 0 || cell == cells ? 1.0 : cell % 2 == 1 ? 4 : 2
            next.append(x)
            weights.append(density * weight * spacing / 3)
        }
        return (next, weights)
    }
}
