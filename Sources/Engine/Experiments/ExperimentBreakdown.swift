import Science
import Storage

/// One metric of an experiment by what people were when they met their variant.
///
/// Many groups are many chances to be fooled: p values are corrected over all of them (Benjamini–Hochberg), and groups too
/// small to tell are marked.
package struct ExperimentBreakdown: Sendable, Equatable {
    package struct Group: Sendable, Equatable {
        package var value: String
        package var rows: [ExperimentResult.Row]
        /// Fewer than `peopleLeast` in some variant.
        package var isSmall: Bool
    }

    package var dimension: String
    package var metric: ExperimentMetric
    package var groups: [Group]
    /// How many comparisons were made.
    package var comparisons: Int

    package static let dimensions = ExperimentCohort.dimensions
    package static let peopleLeast: Int64 = 100
    private static let groupsMax = 50

    /// Throws: `ExperimentError`, `StorageError`.
    package static func load(
        _ id: Int64, by dimension: String, metric key: String = "primary", _ platform: Platform
    ) async throws -> ExperimentBreakdown {
        let (experiment, workspace) = try await platform.store.read {
            (try Experiments.get(id, $0), try Workspace.load($0))
        }
        let definition = experiment.definition
        let metric = try definition.metric(key)
        let clock = PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now())
        let query = ExperimentQuery(
            cohort: try ExperimentCohort(experiment, by: dimension), metric: metric, clock: clock, preDays: 0)
        let sums = Dictionary(grouping: try await query.rows(platform.analytics), by: \.group)
        let keys = definition.variants.map(\.key)
        let sorted = sums.sorted { left, right in
            let (a, b) = (left.value.reduce(0) { $0 + $1.people }, right.value.reduce(0) { $0 + $1.people })
            return a != b ? a > b : left.key < right.key
        }
        var metrics = sorted.prefix(groupsMax).map { group, rows in
            ExperimentResult.Metric(
                key: group, metric: metric,
                rows: VariantComparison.rows(rows, metric, keys, alpha: definition.alpha, isAdjusted: false))
        }
        // All of them are looks that nobody promised beforehand: a first place that stays empty keeps Holm out of it.
        metrics.insert(ExperimentResult.Metric(key: "", metric: metric, rows: []), at: 0)
        VariantComparison.correct(&metrics)
        let groups = metrics.dropFirst().map { group in
            Group(
                value: group.key, rows: group.rows, isSmall: group.rows.contains { $0.people < peopleLeast })
        }
        return ExperimentBreakdown(
            dimension: dimension, metric: metric, groups: Array(groups),
            comparisons: groups.reduce(0) { $0 + $1.rows.count { $0.against != nil } })
    }
}
