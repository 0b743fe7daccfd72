import Science
import Storage

/// What an experiment shows so far.
package struct ExperimentResult: Sendable {
    /// One variant of one metric, the control first.
    package struct Row: Sendable, Equatable {
        package var variant: String
        package var people: Int64
        /// With more than nothing.
        package var converted: Int64
        /// Rate, mean in whole units or minor units of money, or ratio.
        package var value: Double
        package var interval: Interval
        /// Against the control; nil of the control and of what nobody is in.
        package var against: Comparison?
        /// The chance that it is the best of all variants.
        package var best: Double?
        /// What choosing it gives up against the best, expected.
        package var loss: Double?
        /// People whose window is not over.
        package var open: Int64
    }

    package struct Comparison: Sendable, Equatable {
        package var difference: Double
        /// At one look.
        package var interval: Interval
        package var pValue: Double
        /// At every look: asymptotic confidence sequence.
        package var sequence: Interval
        package var sequencePValue: Double
        /// Difference over the control's value; nil where that is not told from 0.
        package var lift: Double?
        package var liftInterval: Interval?
        /// With what was there before taken out.
        package var adjusted: Adjusted?
        /// Fisher's exact test took the place of the normal one: counts are small.
        package var isExact: Bool
        /// p with the other comparisons of its kind taken into account: Holm among primary ones, else Benjamini–Hochberg.
        package var corrected: Double
    }

    package struct Adjusted: Sendable, Equatable {
        package var difference: Double
        package var interval: Interval
        package var pValue: Double
        /// The share of the variance that is gone.
        package var explained: Double
    }

    package struct Metric: Sendable, Equatable {
        package var key: String
        package var metric: ExperimentMetric
        package var rows: [Row]
    }

    package enum Verdict: Sendable, Equatable {
        case tooEarly
        case undecided
        case better(String)
        case worse
        /// A guardrail is worse for this variant.
        case guarded(String)
        case untrusted
    }

    package var experiment: Experiment
    /// Who met each variant, in the order of the definition.
    package var exposed: [(variant: String, people: Int64)]
    package var crossed: Int64
    package var ratio: SampleRatio
    package var metrics: [Metric]
    package var verdict: Verdict
    /// What a bandit (Thompson sampling) would send to each variant next.
    package var shares: [Double]
    /// How people were divided, the newest first.
    package var divisions: [ExperimentDivision]

    /// Throws: `ExperimentError`, `StorageError`; `CancellationError` when the task was cancelled.
    package static func load(_ id: Int64, _ platform: Platform) async throws -> ExperimentResult {
        let (experiment, workspace, expected, divisions) = try await platform.store.read { connection in
            let experiment = try Experiments.get(id, connection)
            return (
                experiment, try Workspace.load(connection), try ExperimentDivision.expected(experiment, connection),
                try ExperimentDivision.list(experiment, limit: Self.divisionsShown, connection)
            )
        }
        let clock = PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now())
        let cohort = try ExperimentCohort(experiment)
        let met = try await ExperimentQuery.exposed(cohort, platform.analytics)
        let definition = experiment.definition
        let exposed = definition.variants.map { (variant: $0.key, people: met[$0.key] ?? 0) }
        let ratio = SampleRatio(observed: exposed.map(\.people), weights: expected)
        var metrics: [Metric] = []
        for (key, metric) in definition.metrics {
            try Task.checkCancellation()
            let query = ExperimentQuery(cohort: cohort, metric: metric, clock: clock, preDays: definition.preDays)
            let rows = try await query.rows(platform.analytics)
            metrics.append(
                Metric(
                    key: key, metric: metric,
                    rows: VariantComparison.rows(
                        rows, metric, definition.variants.map(\.key), alpha: definition.alpha,
                        isAdjusted: definition.preDays > 0)))
        }
        VariantComparison.correct(&metrics)
        return ExperimentResult(
            experiment: experiment, exposed: exposed,
            crossed: try await ExperimentQuery.crossed(cohort, platform.analytics), ratio: ratio, metrics: metrics,
            verdict: verdict(definition, exposed.map(\.people), ratio, metrics),
            shares: metrics.first?.rows.compactMap(\.best) ?? [], divisions: divisions)
    }

    private static let divisionsShown = 30

    /// By the rule that was said beforehand. Pure.
    static func verdict(
        _ definition: ExperimentDefinition, _ people: [Int64], _ ratio: SampleRatio, _ metrics: [Metric]
    ) -> Verdict {
        guard !ratio.isMismatch else { return .untrusted }
        guard let primary = metrics.first, people.allSatisfy({ $0 > 1 }) else { return .tooEarly }
        if definition.rule == .fixed, people.contains(where: { $0 < definition.plannedPeople }) { return .tooEarly }
        let isFixed = definition.rule == .fixed
        func isTold(_ row: Row) -> Bool {
            guard let against = row.against else { return false }
            return (isFixed ? against.corrected : against.sequencePValue) < definition.alpha / comparisons
        }
        // Holm's correction is in `corrected` already; the sequence takes Bonferroni's.
        var comparisons: Double { isFixed ? 1 : Double(max(definition.variants.count - 1, 1)) }
        let told = primary.rows.filter(isTold)
        func gain(_ row: Row) -> Double {
            (row.against?.difference ?? 0) * (primary.metric.isLessBetter ? -1 : 1)
        }
        guard let best = told.max(by: { gain($0) < gain($1) }) else { return .undecided }
        guard gain(best) > 0 else { return .worse }
        let isHarmed = metrics.contains { metric in
            metric.key.hasPrefix("guardrail")
                && metric.rows.contains { $0.variant == best.variant && isHarm($0, metric.metric, definition.alpha) }
        }
        return isHarmed ? .guarded(best.variant) : .better(best.variant)
    }

    private static func isHarm(_ row: Row, _ metric: ExperimentMetric, _ alpha: Double) -> Bool {
        guard let against = row.against, against.pValue < alpha else { return false }
        return metric.isLessBetter ? against.difference > 0 : against.difference < 0
    }
}
