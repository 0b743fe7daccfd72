import Science
import Storage

/// What a journey, a broadcast or a benefit came to: how far its messages came, what it changed against who was kept apart,
/// what it cost, and what came back. docs/metrics.md defines every figure.
package struct ReachReport: Sendable {
    /// Nil where there are no messages.
    package var messages: MessageReport?
    package var spent: ReachSpent
    package var goal: ExperimentMetric
    package var effect: ReachEffect

    package static let daysUsual: Int64 = 14
    package static let daysRange: ClosedRange<Int64> = 1...ExperimentMetric.daysMax

    /// - Parameters:
    ///   - goal: what counts as converted; nil: the journey's own goal where it is an event, else an order.
    ///   - days: for how long after somebody was reached.
    /// Throws: `ReachError`, `JourneyError`, `BroadcastError`, `StorageError`.
    package static func load(
        _ subject: ReachSubject, goal: EventFilter? = nil, days: Int64 = daysUsual, _ platform: Platform
    ) async throws -> ReachReport {
        let question = try await ReachQuestion(subject, goal: goal, days: days, platform)
        let (messages, spent) = try await platform.store.read { connection in
            (
                try subject.messages.map { try MessageList.report($0, connection) },
                try ReachSpent.load(subject, connection)
            )
        }
        let effect = try await ReachEffect.load(question, platform)
        return ReachReport(messages: messages, spent: spent, goal: question.goal, effect: effect)
    }

    /// What came back for what was spent, over it: 0.5 is half as much again; nil while that is not known or nothing was
    /// spent. With the interval of what was earned.
    package var returned: (value: Double, interval: Interval)? {
        guard spent.sum > 0, let revenue = effect.revenueGained else { return nil }
        let cost = Double(spent.sum)
        func share(_ value: Double) -> Double { (value - cost) / cost }
        return (share(revenue.value), Interval(share(revenue.interval.low), share(revenue.interval.high)))
    }
}

/// People who were reached against those who were kept apart.
package struct ReachEffect: Sendable {
    package var held: Int64
    package var reached: Int64
    /// Kept apart first; without both there is no comparison.
    package var conversions: [ExperimentResult.Row]
    /// Net revenue a person, in minor units.
    package var revenue: [ExperimentResult.Row]

    package struct Gain: Sendable, Equatable {
        package var value: Double
        /// Holds at every look.
        package var interval: Interval
        /// Whether it is told from nothing.
        package var isTold: Bool

        package init(value: Double, interval: Interval, isTold: Bool) {
            self.value = value
            self.interval = interval
            self.isTold = isTold
        }
    }

    /// Throws: `StorageError`.
    static func load(_ question: ReachQuestion, _ platform: Platform) async throws -> ReachEffect {
        func rows(_ metric: ExperimentMetric) async throws -> [ExperimentResult.Row] {
            VariantComparison.rows(
                try await question.query(metric).rows(platform.analytics), metric, ["held", "reached"], alpha: 0.05,
                isAdjusted: false)
        }
        let conversions = try await rows(question.goal)
        let revenue = try await rows(ExperimentMetric(.revenue, windowDays: question.goal.windowDays))
        return ReachEffect(
            held: conversions[0].people, reached: conversions[1].people, conversions: conversions, revenue: revenue)
    }

    /// People who converted because they were reached: the difference of the rates, over all who were.
    package var conversionsGained: Gain? { gain(conversions) }
    /// Net revenue because of it, in minor units.
    package var revenueGained: Gain? { gain(revenue) }

    private func gain(_ rows: [ExperimentResult.Row]) -> Gain? {
        guard rows.count == 2, let against = rows[1].against else { return nil }
        let people = Double(rows[1].people)
        return Gain(
            value: against.difference * people,
            interval: Interval(against.sequence.low * people, against.sequence.high * people),
            isTold: !against.sequence.contains(0))
    }
}
