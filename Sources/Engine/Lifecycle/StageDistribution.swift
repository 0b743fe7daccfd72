import Science
import Storage

/// How many people stand in every stage now, as the profiles say.
package struct StageDistribution: Sendable, Codable, Equatable {
    package struct Stage: Sendable, Codable, Equatable {
        package var stage: LifecycleStage
        package var people: Int64
        /// Net spend of these people, in minor units of the workspace's currency.
        package var value: Int64
        package var orders: Int64
        /// Median of the days that these people have been in the stage; nil without people.
        package var medianDays: Double?
    }

    /// All five, in their order.
    package var stages: [Stage]

    /// Throws: `StorageError`.
    package static func now(_ connection: any SQLConnection, at now: Timestamp) throws -> StageDistribution {
        let rows = try connection.query(
            """
            SELECT stage, (\(now.milliseconds) - stage_since_ms) / \(Timestamp.millisecondsPerDay) AS days_in_stage,
                count(*), sum(net_spend), sum(order_count)
            FROM profiles WHERE stage IS NOT NULL AND merged_into IS NULL AND deleted_ms IS NULL
            GROUP BY stage, days_in_stage
            """)
        var sums: [String: (people: Int64, value: Int64, orders: Int64, days: [Int64: Int])] = [:]
        for row in rows {
            let stage = try row.text(0)
            let people = try row.int(2)
            var sum = sums[stage] ?? (0, 0, 0, [:])
            sum.people += people
            sum.value += try row.int(3)
            sum.orders += try row.int(4)
            if let days = try row.intOrNil(1) { sum.days[days, default: 0] += Int(people) }
            sums[stage] = sum
        }
        return StageDistribution(
            stages: LifecycleStage.allCases.map { stage in
                let sum = sums[stage.rawValue] ?? (0, 0, 0, [:])
                return Stage(
                    stage: stage, people: sum.people, value: sum.value, orders: sum.orders,
                    medianDays: WeightedMedian.of(sum.days))
            })
    }
}
