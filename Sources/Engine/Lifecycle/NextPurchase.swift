import Science

/// What the rhythm says about one person's next purchase: by their own gaps, and by people with as many purchases.
package struct NextPurchase: Sendable, Equatable {
    /// Days on which the person bought something and kept it.
    package var purchases: Int
    /// How many people with as many purchase days went on to another; nil for who has none, or beyond what is listed.
    package var conversion: LifecycleModel.Conversion?
    /// By these days 80 and 90 % of those who come back had done so.
    package var day80: Int64
    package var day90: Int64
    /// Median of the person's own gaps, and the day it points at; nil with fewer than two gaps.
    package var ownGapDays: Double?
    package var ownDay: Int64?
    /// Whole days after `day80` or `day90` on the day asked about.
    package var isPast80: Bool
    package var isPast90: Bool

    /// Fewer own gaps say nothing about a person.
    package static let ownGapsMin = 2

    /// - Parameters:
    ///   - purchaseDays: ascending, without repeats.
    ///   - today: the day asked about.
    package init(purchaseDays: [Int64], firstSeenDay: Int64, today: Int64, _ model: LifecycleModel) {
        purchases = purchaseDays.count
        let band = model.band(forOrderCount: purchases)
        let start = purchaseDays.last ?? firstSeenDay
        let last80 = Int64(band.q80.rounded(.down))
        day80 = start + last80
        day90 = start + max(last80, Int64(band.q90.rounded(.down)))
        conversion = model.conversions.first { $0.orders == purchaseDays.count && $0.people > 0 }
        let gaps = zip(purchaseDays, purchaseDays.dropFirst()).map { $1 - $0 }
        if gaps.count >= Self.ownGapsMin, let gap = Quantile.type7([0.5], of: gaps).first {
            ownGapDays = gap
            ownDay = start + Int64(gap.rounded())
        }
        isPast80 = today > day80
        isPast90 = today > day90
    }
}
