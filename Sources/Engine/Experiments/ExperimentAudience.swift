import Storage

/// Who may take part.
enum ExperimentAudience {
    private static let limits = QueryLimits(seconds: 20)

    /// Those of `ids` whom the experiment is for. A few are decided on their recorded facts as of now; many are asked of the
    /// analytics store, which is a moment behind. Throws: `StorageError`.
    static func members(
        of experiment: Experiment, among ids: [Int64], _ platform: Platform
    ) async throws -> Set<Int64> {
        guard let criteria = experiment.definition.criteria else { return Set(ids) }
        let (world, workspace) = try await platform.store.read {
            (try CriteriaWorld.load($0), try Workspace.load($0))
        }
        let clock = PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now())
        let expanded = criteria.expanded(world)
        if ids.count > ExperimentLimits.peopleExact {
            // By the person that stayed, and back to the id that was asked.
            let (living, merged) = try await platform.store.read { connection -> ([Int64], [Int64]) in
                let living = try ids.map { id -> Int64 in
                    do { return try ProfileDetail.resolve(id, connection) } catch ProfileError.notFound { return id }
                }
                return (living, try living.flatMap { try ProfileDetail.mergedIDs(into: $0, connection) })
            }
            let query = CriteriaQuery(expanded, clock, scope: .people(living, merged: merged))
            let found = Set(try await platform.analytics.query(query.matching, limits: limits).ints(0))
            return Set(zip(ids, living).filter { found.contains($0.1) }.map(\.0))
        }
        var members: Set<Int64> = []
        for id in ids {
            do {
                let subject = try await PersonHistory.subject(
                    id, expanded, currency: workspace.currency, clock.calendar, platform)
                if expanded.holds(for: subject, clock) { members.insert(id) }
            } catch ProfileError.notFound {
                continue
            }
        }
        return members
    }
}
