import Science
import Storage

extension LifecycleReport {
    /// The people whom the report of a day counts in a stage, by ascending id. Throws: `StorageError`.
    package static func people(in stage: LifecycleStage, asOf: Int64, _ platform: Platform) async throws -> [Int64] {
        let zone = try await platform.store.read { try Workspace.load($0).timeZone }
        let fit = try await LifecycleFit.run(platform, through: asOf)
        func stands(_ days: [Int64], _ firstSeenDay: Int64) -> Bool {
            let path = fit.model.path(purchaseDays: days, firstSeenDay: firstSeenDay, through: asOf)
            return (path.last?.assessment.stage ?? .introduction) == stage
        }
        var found: [Int64] = []
        let parts = try await OrderFacts.parts(platform.analytics)
        for part in 0..<parts {
            let purchases = try await PurchaseColumns.read(platform.analytics, through: asOf, part: part, of: parts)
            var index = 0
            while index < purchases.people.count {
                let start = index
                while index < purchases.people.count, purchases.people[index] == purchases.people[start] { index += 1 }
                let days = Array(purchases.days[start..<index])
                if stands(days, days[0]) { found.append(purchases.people[start]) }
            }
        }
        let unbought = try await platform.analytics.query(
            """
            SELECT profile_id, toInt64(toDate(first_seen_ts, \(zone))) AS day FROM profiles FINAL
            WHERE is_deleted = 0 AND toDate(first_seen_ts, \(zone)) <= toDate(\(LocalCalendar.text(ofDay: asOf)))
            AND profile_id NOT IN (SELECT profile_id FROM \(OrderFacts.source) WHERE \(OrderFacts.condition)
                AND d <= toDate(\(LocalCalendar.text(ofDay: asOf))))
            """, limits: OrderFacts.limits)
        for (id, day) in zip(try unbought.ints(0), try unbought.ints(1)) where stands([], day) { found.append(id) }
        return found.sorted()
    }
}
