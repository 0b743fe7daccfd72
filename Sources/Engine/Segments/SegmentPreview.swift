import Storage

/// What a definition would come to while it is being written: first a guess from a part of the people, then the exact
/// number with twenty of them.
package struct SegmentPreview: Sendable {
    package var people: Int64
    /// Everybody there is, counted the same way.
    package var everybody: Int64
    package var isEstimate: Bool
    /// Ids of some of the people; always the same ones for the same definition.
    package var sample: [Int64]

    package static let sampleSize = 20
    /// Below this many people the exact answer comes at once.
    package static let estimatedAbove: Int64 = 100_000
    private static let parts: Int64 = 32
    private static let limits = QueryLimits(seconds: 20)

    /// A quick answer: of a 32nd of the people where there are many. Throws: `CriteriaError`, `StorageError`;
    /// `CancellationError` when the task was cancelled, which stops the query at the store.
    package static func estimate(
        _ text: String, above: Int64 = estimatedAbove, _ platform: Platform
    ) async throws -> SegmentPreview {
        let ready = try await prepare(text, platform)
        let everybody = try await everybody(platform)
        guard everybody > above else { return try await exact(text, platform) }
        let query = CriteriaQuery(ready.criteria, ready.clock, scope: .part(of: parts))
        let found = try await platform.analytics.query(query.count, limits: limits).ints(0).first ?? 0
        return SegmentPreview(
            people: min(found * parts, everybody), everybody: everybody, isEstimate: true, sample: [])
    }

    /// Throws: `CriteriaError`, `StorageError`.
    package static func exact(_ text: String, _ platform: Platform) async throws -> SegmentPreview {
        let ready = try await prepare(text, platform)
        let query = CriteriaQuery(ready.criteria, ready.clock)
        let found = try await platform.analytics.query(query.count, limits: limits).ints(0).first ?? 0
        let sample = try await platform.analytics.query(query.sample(sampleSize), limits: limits).ints(0)
        return SegmentPreview(
            people: found, everybody: try await everybody(platform), isEstimate: false, sample: sample)
    }

    private static func everybody(_ platform: Platform) async throws -> Int64 {
        try await platform.store.read { try everybody($0) }
    }

    /// How many people there are. Throws: `StorageError`.
    package static func everybody(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first(
            "SELECT count(*) FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL")?.int(0) ?? 0
    }

    private static func prepare(
        _ text: String, _ platform: Platform
    ) async throws -> (criteria: Criteria, clock: CriteriaClock) {
        let criteria = try Criteria(parsing: text)
        let now = platform.effects.now()
        let (world, workspace) = try await platform.store.read {
            (try CriteriaWorld.load($0), try Workspace.load($0))
        }
        let issues = criteria.issues(world)
        guard issues.isEmpty else { throw CriteriaError(issues: issues) }
        return (
            criteria.expanded(world), PublishedSegments(version: 0, workspace: workspace).clock(now)
        )
    }
}
