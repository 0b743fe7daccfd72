import Science

/// Quantiles of the days between one purchase and the next, for one band of orders or for all gaps together.
package struct GapQuantiles: Sendable, Codable, Equatable {
    /// The orders after which the gaps came; nil: all gaps.
    package var from: Int?
    package var through: Int?
    package var gaps: Int
    /// In the order of `probabilities`; empty without gaps.
    package var days: [Double]

    package static let probabilities = [0.5, 0.75, 0.8, 0.9, 0.95]

    /// Every band, then all gaps.
    static func tables(of gaps: PurchaseGaps, bands: [LifecycleModel.Band]) -> [GapQuantiles] {
        zip(bands, gaps.byBand).map { band, own in
            GapQuantiles(
                from: band.from, through: band.through, gaps: own.count, days: Quantile.type7(probabilities, of: own))
        } + [
            GapQuantiles(
                from: nil, through: nil, gaps: gaps.byBand.reduce(0) { $0 + $1.count },
                days: Quantile.type7(probabilities, of: gaps.byBand.flatMap(\.self)))
        ]
    }

    /// `1`, `3–6`, `7+`.
    static func name(_ from: Int, _ through: Int?) -> String {
        guard let through else { return "\(from)+" }
        return through == from ? "\(from)" : "\(from)–\(through)"
    }
}
