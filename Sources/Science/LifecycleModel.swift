/// The customer base's own rhythm, and the stage that follows from it for one person.
///
/// A person with n purchase days waits for the next one. `q80` and `q90` are the 80th and 90th percentile of the gaps
/// that people with as many purchases took before they bought again. Within q80 the person is where their number of
/// purchases puts them (introduction, growth, maturity), between q80 and q90 in decline, beyond q90 churned.
/// People without an order are measured from the day they were first seen, by the gaps after a first purchase.
package struct LifecycleModel: Sendable, Codable, Equatable {
    /// The gaps that follow orders number `from` to `through`.
    package struct Band: Sendable, Codable, Equatable {
        package var from: Int
        /// nil: and all above.
        package var through: Int?
        /// Gaps observed in this band.
        package var gaps: Int
        /// Whether the gaps were too few, and the thresholds are those of all gaps together.
        package var isPooled: Bool
        package var q80: Double
        package var q90: Double

        package init(from: Int, through: Int?, gaps: Int, isPooled: Bool, q80: Double, q90: Double) {
            self.from = from
            self.through = through
            self.gaps = gaps
            self.isPooled = isPooled
            self.q80 = q80
            self.q90 = q90
        }

        package func holds(_ orderCount: Int) -> Bool {
            orderCount >= from && orderCount <= through ?? .max
        }
    }

    /// How many of the people who reached an order went on to the next.
    package struct Conversion: Sendable, Codable, Equatable {
        package var orders: Int
        package var people: Int
        package var converted: Int

        package init(orders: Int, people: Int, converted: Int) {
            self.orders = orders
            self.people = people
            self.converted = converted
        }

        package var rate: Double { people == 0 ? 0 : Double(converted) / Double(people) }
    }

    package var bands: [Band]
    /// All gaps together.
    package var pooled: Band
    package var conversions: [Conversion]
    /// The highest conversion among orders that enough people reached.
    package var plateau: Double
    /// K: a person with so many purchases is mature.
    package var maturityOrders: Int
    /// false while the base has too few gaps, and the thresholds are `LifecycleModel.standard`'s.
    package var isFitted: Bool

    package init(
        bands: [Band], pooled: Band, conversions: [Conversion], plateau: Double, maturityOrders: Int, isFitted: Bool
    ) {
        self.bands = bands
        self.pooled = pooled
        self.conversions = conversions
        self.plateau = plateau
        self.maturityOrders = maturityOrders
        self.isFitted = isFitted
    }
}

extension LifecycleModel {
    /// What the model says of one person on one day.
    package struct Assessment: Sendable, Equatable {
        package var stage: LifecycleStage
        /// The first day on which time alone changes the stage; nil once churned.
        package var nextChangeDay: Int64?
        /// Days since the last purchase, or since first seen.
        package var recencyDays: Int64
        package var q80: Double
        package var q90: Double
    }

    /// The stage on `day`.
    /// - Parameters:
    ///   - orderCount: days on which the person bought something and kept it.
    ///   - lastOrderDay: the latest of them.
    package func assess(orderCount: Int, lastOrderDay: Int64?, firstSeenDay: Int64, on day: Int64) -> Assessment {
        let band = self.band(forOrderCount: orderCount)
        let start = lastOrderDay ?? firstSeenDay
        let recency = max(0, day - start)
        let lastDayWithinQ80 = Int64(band.q80.rounded(.down))
        let lastDayWithinQ90 = max(lastDayWithinQ80, Int64(band.q90.rounded(.down)))
        let stage: LifecycleStage
        let nextChange: Int64?
        if recency <= lastDayWithinQ80 {
            stage = activeStage(orderCount: orderCount)
            nextChange = start + lastDayWithinQ80 + 1
        } else if recency <= lastDayWithinQ90 {
            stage = .decline
            nextChange = start + lastDayWithinQ90 + 1
        } else {
            stage = .churn
            nextChange = nil
        }
        return Assessment(
            stage: stage, nextChangeDay: nextChange, recencyDays: recency, q80: band.q80, q90: band.q90)
    }

    /// The thresholds for people with so many purchases.
    package func band(forOrderCount orderCount: Int) -> Band {
        bands.first { $0.holds(max(1, orderCount)) } ?? pooled
    }

    private func activeStage(orderCount: Int) -> LifecycleStage {
        if orderCount <= 1 { return .introduction }
        return orderCount >= maturityOrders ? .maturity : .growth
    }
}
