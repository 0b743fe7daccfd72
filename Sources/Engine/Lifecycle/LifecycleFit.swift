import Science
import Storage

/// The purchases of the whole base up to a day, and the model that they teach.
package struct LifecycleFit: Sendable {
    package var model: LifecycleModel
    package var gaps: PurchaseGaps
    package var firstDay: Int64?
    package var lastDay: Int64
    package var buyers: Int
    package var purchases: Int

    /// Reads every purchase day up to `lastDay` (today when nil) from the analytics store. Throws: `StorageError`.
    package static func run(_ platform: Platform, through lastDay: Int64?) async throws -> LifecycleFit {
        let calendar = try await platform.store.read { try Workspace.load($0).calendar }
        let lastDay = lastDay ?? calendar.day(of: platform.effects.now())
        var gaps = PurchaseGaps()
        var firstDay: Int64?
        let parts = try await OrderFacts.parts(platform.analytics)
        for part in 0..<parts {
            let purchases = try await PurchaseColumns.read(platform.analytics, through: lastDay, part: part, of: parts)
            gaps.add(people: purchases.people, days: purchases.days, through: lastDay)
            if let earliest = purchases.days.min() { firstDay = min(firstDay ?? earliest, earliest) }
        }
        return LifecycleFit(
            model: LifecycleModel.fit(gaps), gaps: gaps, firstDay: firstDay, lastDay: lastDay,
            buyers: gaps.reached.first ?? 0, purchases: gaps.purchases)
    }
}

/// One row a person and purchase day, ascending.
struct PurchaseColumns: Sendable {
    var people: [Int64]
    var days: [Int64]
    /// Net spend of the day, in minor units.
    var net: [Int64]
    var orders: [Int64]

    static func read(
        _ analytics: any AnalyticsStore, through lastDay: Int64, part: Int64, of parts: Int64
    ) async throws -> PurchaseColumns {
        let table = try await analytics.query(
            """
            SELECT profile_id, toInt64(d) AS day, sum(net) AS value, toInt64(count()) AS orders_n
            FROM \(OrderFacts.source) WHERE \(OrderFacts.ofPeople) AND d <= toDate(\(LocalCalendar.text(ofDay: lastDay)))
            AND intHash32(profile_id) % \(parts) = \(part)
            GROUP BY profile_id, d ORDER BY profile_id, d
            """, limits: OrderFacts.limits)
        return PurchaseColumns(
            people: try table.ints(0), days: try table.ints(1), net: try table.ints(2), orders: try table.ints(3))
    }
}
