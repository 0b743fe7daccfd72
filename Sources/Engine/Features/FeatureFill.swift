import Storage

/// Brings features up to date with what happened before they were published, out of the analytics store.
enum FeatureFill {
    /// Rows of the analytics store that one transaction takes in.
    private static let rowsOfPart: Int64 = 10_000
    private static let limits = QueryLimits(seconds: 120, rows: 2_000_000)

    /// Fills every feature that is still to be filled. Safe to run again after a crash at any point.
    /// Throws: `FeatureFillError.archiveBehind` until the archive has got as far, `StorageError`.
    static func run(_ context: JobContext) async throws {
        let (filling, archived) = try await context.platform.store.read { connection in
            let now = context.platform.effects.now()
            return (
                try KeptFeatures.load(connection).filter(\.isFilling),
                try LogProgress.load(connection, now: now).archived
            )
        }
        for kept in filling {
            guard archived >= kept.fromPosition else {
                throw FeatureFillError.archiveBehind(archived: archived, wanted: kept.fromPosition)
            }
            try await fill(kept, context)
        }
    }

    private static func fill(_ kept: KeptFeatures.Kept, _ context: JobContext) async throws {
        let analytics = context.platform.analytics
        let calendar = try await context.platform.store.read { try Workspace.load($0).calendar }
        let clock = CriteriaClock(now: context.platform.effects.now(), calendar: calendar)
        let condition: AnalyticsSQL =
            """
            \(kept.feature.filter.sql(clock)) AND kind != 'system' AND profile_id != 0 \
            AND position <= \(kept.fromPosition)
            """
        let rows = try await analytics.query("SELECT count() AS c FROM events WHERE \(condition)", limits: limits)
        let parts = (try rows.ints(0).first ?? 0) / rowsOfPart + 1
        // The number of parts may differ after a crash only if the archive changed below the position; it does not,
        // but for erasures, and those people are gone anyway.
        for part in kept.filledParts..<max(parts, kept.filledParts) {
            let states = try await read(kept, condition, part: part, of: parts, clock, analytics)
            try await context.write { connection in
                try merge(states, kept, connection)
                try connection.execute("UPDATE features SET filled_parts = \(part + 1) WHERE id = \(kept.id)")
                try context.report(
                    JobProgress(done: part + 1, total: parts, unit: "parts", phase: "filling"), in: connection)
            }
        }
        try await context.write { connection in
            try connection.execute("UPDATE features SET status = 'kept' WHERE id = \(kept.id)")
            try SegmentCache.invalidate(connection, at: context.platform.effects.now())
        }
    }

    private static func read(
        _ kept: KeptFeatures.Kept, _ condition: AnalyticsSQL, part: Int64, of parts: Int64, _ clock: CriteriaClock,
        _ analytics: any AnalyticsStore
    ) async throws -> [Int64: FeatureState] {
        let bound: (Int64) -> Int64 = { 4_294_967_296 / parts * $0 }
        let upper = part + 1 == parts ? 4_294_967_296 : bound(part + 1)
        let names = kept.feature.property.map { [$0] } ?? []
        let table = try await analytics.query(
            """
            SELECT profile_id, position, ts_ms, prop_names, prop_texts, prop_numbers FROM events
            WHERE \(condition) AND intHash32(profile_id) >= \(bound(part)) AND intHash32(profile_id) < \(upper)
            """, limits: limits)
        let (people, positions, times) = (try table.ints(0), try table.ints(1), try table.ints(2))
        var states: [Int64: FeatureState] = [:]
        for row in people.indices {
            let properties = names.isEmpty ? FlatValues() : try FlatValues(table, columns: 3, row: row, only: names)
            let event = CriteriaEvent(
                position: positions[row], name: "", time: Timestamp(milliseconds: times[row]), properties: properties)
            states[people[row], default: FeatureState()].add(event, kept.feature, clock.calendar)
        }
        return states
    }

    private static func merge(
        _ states: [Int64: FeatureState], _ kept: KeptFeatures.Kept, _ connection: any SQLConnection
    ) throws {
        let owners = try ProfileRows.owners(states.keys.sorted(), connection)
        let known = try KeptFeatures.states(of: Set(owners.values).sorted(), connection)
        var changed: [Int64: FeatureState] = [:]
        for (id, state) in states {
            guard let owner = owners[id] else { continue }
            var sum = changed[owner] ?? known[owner]?[kept.id] ?? FeatureState()
            sum.merge(state)
            changed[owner] = sum
        }
        try KeptFeatures.save(changed.map { ($0.key, kept.id, $0.value) }, connection)
    }
}

/// Why features cannot be filled yet.
enum FeatureFillError: Error, Equatable {
    /// Tried again once the archiver has got there.
    case archiveBehind(archived: Int64, wanted: Int64)
    /// Features of single people are read anew when those of everybody are filled.
    case stillFilling
}
