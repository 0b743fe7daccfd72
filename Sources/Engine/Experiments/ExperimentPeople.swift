import Storage

/// The people behind a figure of an experiment.
package struct ExperimentPeople: Sendable, Equatable {
    package var experimentID: Int64
    package var variant: String
    /// `primary`, `guardrail_0`, …; those with more than nothing. Nil: all who met the variant.
    package var metric: String?
    /// A group of a breakdown.
    package var dimension: String?
    package var group: String?

    package init(
        _ experimentID: Int64, variant: String, metric: String? = nil, dimension: String? = nil, group: String? = nil
    ) {
        self.experimentID = experimentID
        self.variant = variant
        self.metric = metric
        self.dimension = dimension
        self.group = group
    }

    /// Throws: `ExperimentError`, `StorageError`.
    func ids(_ platform: Platform) async throws -> [Int64] {
        let (experiment, workspace) = try await platform.store.read {
            (try Experiments.get(experimentID, $0), try Workspace.load($0))
        }
        _ = try experiment.definition.variant(variant)
        let measured = try experiment.definition.metric(metric ?? "primary")
        let query = ExperimentQuery(
            cohort: try ExperimentCohort(experiment, by: dimension),
            // Who met a variant is all of them, also those whose days of retention are still to come.
            metric: metric == nil && measured.kind == .retention ? ExperimentMetric(.revenue) : measured,
            clock: PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now()), preDays: 0)
        return try await query.ids(
            variant: variant, group: group, onlyConverted: metric != nil, platform.analytics)
    }
}
