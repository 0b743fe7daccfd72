import Science
import Storage

/// What everything the brand does is worth: net revenue of those it may reach against those held out, since the holdout
/// stands or since they came.
package struct HoldoutEffect: Sendable {
    /// Of up to this many days from then on.
    package static let windowDays: Int64 = 90

    package var heldOut: Int64
    package var reached: Int64
    /// Revenue a person, in minor units; the held out first. Empty without both.
    package var rows: [ExperimentResult.Row]

    /// Throws: `StorageError`.
    package static func load(_ platform: Platform) async throws -> HoldoutEffect {
        let (holdout, workspace) = try await platform.store.read {
            (try Holdout.load($0), try Workspace.load($0))
        }
        guard holdout.share > 0, let since = holdout.since else {
            let everybody = try await platform.store.read { try SegmentPreview.everybody($0) }
            return HoldoutEffect(heldOut: 0, reached: everybody, rows: [])
        }
        let metric = ExperimentMetric(.revenue, windowDays: windowDays)
        let query = ExperimentQuery(
            cohort: ExperimentCohort(holdout, since: since), metric: metric,
            clock: PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now()), preDays: 0)
        let sums = try await query.rows(platform.analytics)
        let rows = VariantComparison.rows(sums, metric, ["held", "reached"], alpha: 0.05, isAdjusted: false)
        return HoldoutEffect(heldOut: rows[0].people, reached: rows[1].people, rows: rows)
    }
}
