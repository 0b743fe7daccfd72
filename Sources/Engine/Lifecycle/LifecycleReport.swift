import Science
import Storage

/// The base as of a day: the rhythm learnt from the purchases up to it, and how many people stood in every stage.
package struct LifecycleReport: Sendable, Codable, Equatable {
    /// `1997-09-30`.
    package var asOf: String
    /// The first purchase used.
    package var from: String?
    package var currency: String
    package var buyers: Int
    package var purchases: Int
    package var model: LifecycleModel
    /// In the order of the stages.
    package var stages: [Stage]
    package var curves: [RepurchaseCurve]
    package var gapQuantiles: [GapQuantiles]
    /// Buyers whose last purchase is within q80 of all gaps, between q80 and q90, and beyond.
    package var pooledRecency: [Int]

    package struct Stage: Sendable, Codable, Equatable {
        package var stage: LifecycleStage
        package var people: Int
        /// Net spend up to the day, in minor units.
        package var value: Int64
        package var orders: Int64
        /// Median of the days since the stage began; nil without people.
        package var medianDays: Double?
    }
}

extension LifecycleReport {
    /// The stages alone.
    package var distribution: StageDistribution {
        StageDistribution(
            stages: stages.map {
                StageDistribution.Stage(
                    stage: $0.stage, people: Int64($0.people), value: $0.value, orders: $0.orders,
                    medianDays: $0.medianDays)
            })
    }

    /// Days at which the curves are drawn: two years, every week, and the first fortnight day by day.
    package static let curveDays: [Int64] = Array(0..<14) + stride(from: 14, through: 728, by: 7)

    /// Learns and counts as of a day (today when nil), from the analytics store alone. Throws: `StorageError`.
    package static func make(_ platform: Platform, asOf: Int64? = nil) async throws -> LifecycleReport {
        let workspace = try await platform.store.read { try Workspace.load($0) }
        let fit = try await LifecycleFit.run(platform, through: asOf)
        var count = StageCount(model: fit.model, day: fit.lastDay)
        let parts = try await OrderFacts.parts(platform.analytics)
        for part in 0..<parts {
            let purchases = try await PurchaseColumns.read(
                platform.analytics, through: fit.lastDay, part: part, of: parts)
            count.add(purchases)
        }
        let unbought = try await count.firstSeenDays(platform.analytics, timeZone: workspace.timeZone)
        for (day, people) in unbought { count.add(firstSeenDay: day, people: people) }
        return LifecycleReport(
            asOf: LocalCalendar.text(ofDay: fit.lastDay), from: fit.firstDay.map(LocalCalendar.text(ofDay:)),
            currency: workspace.currency, buyers: fit.buyers, purchases: fit.purchases, model: fit.model,
            stages: count.stages(), curves: RepurchaseCurve.curves(of: fit.gaps, at: curveDays),
            gapQuantiles: GapQuantiles.tables(of: fit.gaps, bands: fit.model.bands),
            pooledRecency: count.pooledRecency)
    }
}

/// Counts people by stage on one day.
private struct StageCount {
    let model: LifecycleModel
    let day: Int64
    private var people: [LifecycleStage: Int] = [:]
    private var value: [LifecycleStage: Int64] = [:]
    private var orders: [LifecycleStage: Int64] = [:]
    /// Days since the stage began, with how many people; by stage.
    private var daysInStage: [LifecycleStage: [Int64: Int]] = [:]

    private(set) var pooledRecency = [0, 0, 0]

    init(model: LifecycleModel, day: Int64) {
        self.model = model
        self.day = day
    }

    mutating func add(_ purchases: PurchaseColumns) {
        var index = 0
        while index < purchases.people.count {
            let start = index
            while index < purchases.people.count, purchases.people[index] == purchases.people[start] { index += 1 }
            let days = Array(purchases.days[start..<index])
            let stage = add(days: days, firstSeenDay: days[0], people: 1)
            let recency = Double(day - days[days.count - 1])
            pooledRecency[recency <= model.pooled.q80 ? 0 : recency <= model.pooled.q90 ? 1 : 2] += 1
            value[stage, default: 0] += purchases.net[start..<index].reduce(0, +)
            orders[stage, default: 0] += purchases.orders[start..<index].reduce(0, +)
        }
    }

    mutating func add(firstSeenDay: Int64, people: Int) {
        _ = add(days: [], firstSeenDay: firstSeenDay, people: people)
    }

    private mutating func add(days: [Int64], firstSeenDay: Int64, people count: Int) -> LifecycleStage {
        let last = model.path(purchaseDays: days, firstSeenDay: firstSeenDay, through: day).last
        let stage = last?.assessment.stage ?? .introduction
        people[stage, default: 0] += count
        daysInStage[stage, default: [:]][day - (last?.day ?? firstSeenDay), default: 0] += count
        return stage
    }

    /// People who were seen by the day and have not bought by it, by the day they were first seen.
    func firstSeenDays(_ analytics: any AnalyticsStore, timeZone: String) async throws -> [(Int64, Int)] {
        let table = try await analytics.query(
            """
            SELECT toInt64(toDate(first_seen_ts, \(timeZone))) AS day, toInt64(count()) AS c FROM profiles FINAL
            WHERE is_deleted = 0 AND toDate(first_seen_ts, \(timeZone)) <= toDate(\(LocalCalendar.text(ofDay: day)))
            AND profile_id NOT IN (SELECT profile_id FROM \(OrderFacts.source) WHERE \(OrderFacts.condition)
                AND d <= toDate(\(LocalCalendar.text(ofDay: day))))
            GROUP BY day ORDER BY day
            """, limits: OrderFacts.limits)
        return zip(try table.ints(0), try table.ints(1)).map { ($0, Int($1)) }
    }

    func stages() -> [LifecycleReport.Stage] {
        LifecycleStage.allCases.map { stage in
            LifecycleReport.Stage(
                stage: stage, people: people[stage] ?? 0, value: value[stage] ?? 0, orders: orders[stage] ?? 0,
                medianDays: WeightedMedian.of(daysInStage[stage] ?? [:]))
        }
    }
}
