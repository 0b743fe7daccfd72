import Storage

/// An experiment of the demo brand that has run for six weeks: recommendations on the home page, by what a person likes or by
/// what sells. Doing it again adds nothing.
package enum DemoExperiment {
    private static let peopleMax = 4_000
    private static let batch = 250
    private static let clicked = "Recommendation Clicked"
    private static let startDays = 45
    private static let hour: Int64 = 3_600_000

    private static let definition = ExperimentDefinition(
        name: "首页推荐：按口味还是按销量", hypothesis: "按每个人喝过的茶推荐，比按销量推荐有更多人点开；消费额不会变差。",
        variants: [.init("bestsellers", "按销量"), .init("taste", "按口味")],
        primary: ExperimentMetric(.converted, event: EventFilter(names: [clicked]), windowDays: 14),
        guardrails: [ExperimentMetric(.revenue, windowDays: 30)],
        secondary: [
            ExperimentMetric(.converted, event: EventFilter(names: ["Order Completed"]), windowDays: 14),
            ExperimentMetric(.orderValue, windowDays: 30), ExperimentMetric(.retention, windowDays: 30, fromDay: 7),
        ], rule: .sequential, preDays: 28)

    /// Throws: `ExperimentError`, `StorageError`.
    package static func load(_ platform: Platform) async throws {
        let (effects, now) = (platform.effects, platform.effects.now())
        let start = now.adding(days: -startDays)
        let (id, people) = try await platform.store.write { connection -> (Int64, [Int64]) in
            guard try Experiments.list(connection).isEmpty else { return (0, []) }
            let people = try connection.query(
                """
                SELECT id FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL
                AND first_seen_ms < \(start.milliseconds) AND last_seen_ms > \(start.adding(days: -60).milliseconds)
                ORDER BY id LIMIT \(peopleMax)
                """
            ).map { try $0.int(0) }
            guard !people.isEmpty else { return (0, []) }
            let made = try Experiments.create(definition, by: "demo", effects, connection)
            _ = try Experiments.step(made.id, to: .running, by: "demo", at: start, connection)
            return (made.id, people)
        }
        for slice in stride(from: 0, to: people.count, by: batch) {
            let group = Array(people[slice..<min(slice + batch, people.count)])
            // Each group meets it a while later than the one before.
            let met = start.adding(milliseconds: Int64(slice) * 6 * hour / Int64(batch) * 8)
            try await platform.store.write { connection in
                let answers = try Exposures.expose(id, group, at: met, effects, connection)
                try SystemEventLog.append(clicks(answers, after: met), now: now, effects: effects, to: connection)
            }
        }
    }

    /// A few more of those whose taste is asked.
    private static func clicks(_ answers: [Exposures.Answer], after met: Timestamp) -> [SystemEvent] {
        answers.compactMap { answer in
            guard answer.outcome == .exposed else { return nil }
            var random = SplitMix64(seed: UInt64(bitPattern: answer.profileID))
            guard random.chance(answer.variant == "taste" ? 0.16 : 0.115) else { return nil }
            let hours = Int64(random.whole(1...200))
            return SystemEvent(
                name: clicked, profileID: answer.profileID, time: met.adding(milliseconds: hours * hour),
                properties: #"{"place":"home"}"#)
        }
    }
}
