extension LifecycleModel {
    /// The first order of every band: 1→2, 2→3, 3→6 (after orders 3 to 6), and all later ones.
    package static let bandStarts = [1, 2, 3, 7]
    /// A band with fewer gaps takes the thresholds of all gaps together.
    package static let bandGapsMin = 200
    /// With fewer gaps than this in all, the base says nothing yet and `standard` holds.
    package static let gapsMin = 30
    /// A conversion counts for the plateau when so many people reached the order.
    package static let conversionPeopleMin = 100
    /// K is the first order whose conversion reaches this share of the plateau.
    package static let plateauShare = 0.9
    /// Orders whose conversion is listed.
    package static let conversionsMax = 20

    /// Used until a base has a rhythm of its own: the pooled gaps and the K of the CDNOW retail cohort (Fader & Hardie,
    /// "Forecasting Repeat Sales at CDNOW", Interfaces 31, 2001; 2,357 buyers, 39 weeks).
    package static let standard: LifecycleModel = {
        let pooled = Band(from: 1, through: nil, gaps: 0, isPooled: true, q80: 77, q90: 128)
        return LifecycleModel(
            bands: bandRanges.map { Band(from: $0, through: $1, gaps: 0, isPooled: true, q80: 77, q90: 128) },
            pooled: pooled, conversions: [], plateau: 0, maturityOrders: 4, isFitted: false)
    }()

    /// Learns the rhythm of a base from its purchases up to `lastDay`.
    ///
    /// Several purchases of a person on one day count as one: a gap of zero days is a split basket, not a return.
    /// - Parameters:
    ///   - people: who bought, in ascending order.
    ///   - days: when, ascending for each person.
    package static func fit(people: [Int64], days: [Int64], through lastDay: Int64 = .max) -> LifecycleModel {
        fit(PurchaseGaps(people: people, days: days, through: lastDay))
    }

    package static func fit(_ gaps: PurchaseGaps) -> LifecycleModel {
        let all = gaps.byBand.flatMap(\.self)
        let conversions = gaps.conversions(max: conversionsMax)
        guard all.count >= gapsMin else {
            var model = standard
            model.conversions = conversions
            return model
        }
        let pooled = band(from: 1, through: nil, gaps: all)
        let bands = zip(bandRanges, gaps.byBand).map { range, gaps in
            let own = band(from: range.from, through: range.through, gaps: gaps.count >= bandGapsMin ? gaps : all)
            return Band(
                from: range.from, through: range.through, gaps: gaps.count, isPooled: gaps.count < bandGapsMin,
                q80: own.q80, q90: own.q90)
        }
        let plateau = conversions.filter { $0.people >= conversionPeopleMin }.map(\.rate).max() ?? 0
        let first = conversions.first { plateau > 0 && $0.orders > 1 && $0.rate >= plateauShare * plateau }
        return LifecycleModel(
            bands: bands, pooled: pooled, conversions: conversions, plateau: plateau,
            maturityOrders: first?.orders ?? standard.maturityOrders, isFitted: true)
    }

    static var bandRanges: [(from: Int, through: Int?)] {
        bandStarts.indices.map { index in
            (bandStarts[index], index + 1 < bandStarts.count ? bandStarts[index + 1] - 1 : nil)
        }
    }

    private static func band(from: Int, through: Int?, gaps: [Int64]) -> Band {
        let quantiles = Quantile.type7([0.8, 0.9], of: gaps)
        return Band(
            from: from, through: through, gaps: gaps.count, isPooled: false, q80: quantiles[0], q90: quantiles[1])
    }
}
