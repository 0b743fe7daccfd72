/// Sample quantiles.
package enum Quantile {
    /// Type 7 quantiles: linear interpolation between the order statistics around `(n − 1) p`.
    ///
    /// Source: Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996), type 7;
    /// the default of R, NumPy and spreadsheets. Empty values give no quantiles.
    package static func type7(_ probabilities: [Double], of values: [Int64]) -> [Double] {
        guard !values.isEmpty else { return [] }
        let places = probabilities.map { Double(values.count - 1) * min(max($0, 0), 1) }
        let ranks = places.flatMap { [Int($0), min(Int($0) + 1, values.count - 1)] }
        let neighbours = OrderStatistics.select(ranks, from: values)
        return places.enumerated().map { index, place in
            let fraction = place - place.rounded(.down)
            let below = Double(neighbours[2 * index])
            let above = Double(neighbours[2 * index + 1])
            return fraction == 0 || below == above ? below : (1 - fraction) * below + fraction * above
        }
    }
}
