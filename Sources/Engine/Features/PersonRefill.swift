import Storage

/// Reads the features of single people anew: what a merge had put together cannot be taken apart again.
package enum PersonRefill {
    static let kind = "refill_features"
    /// Events of one person that are read.
    private static let eventsLimit = 200_000

    /// Call it in the transaction that undid a merge or an unlink. Does nothing while no definition is. Throws: `StorageError`.
    package static func enqueue(
        _ profileIDs: [Int64], effects: Effects, _ connection: any SQLConnection
    ) throws {
        guard
            try connection.first("SELECT 1 FROM segments LIMIT 1") != nil
                || connection.first("SELECT 1 FROM tags LIMIT 1") != nil
                || connection.first("SELECT 1 FROM score_models LIMIT 1") != nil
        else { return }
        for id in profileIDs {
            try JobQueue.enqueue(
                connection, kind: kind, key: "\(kind):\(id)", request: try StoredDocument.text(["profile": id]),
                dueAt: effects.now(), effects: effects)
        }
    }

    package static let handler = JobHandler(kind: kind, attemptsMax: 30) { context in
        let id = try StoredDocument.value([String: Int64].self, from: context.job.request)["profile"] ?? 0
        let platform = context.platform
        let (kept, archived, calendar) = try await platform.store.read { connection in
            (
                try KeptFeatures.load(connection),
                try LogProgress.load(connection, now: platform.effects.now()).archived,
                try Workspace.load(connection).calendar
            )
        }
        guard !kept.contains(where: \.isFilling) else { throw FeatureFillError.stillFilling }
        let ids = try await platform.store.read { [id] + (try ProfileDetail.mergedIDs(into: id, $0)) }
        let names = Set(kept.flatMap(\.feature.filter.names)).sorted()
        let old = try await archivedEvents(
            ids, names, through: archived, limit: eventsLimit, platform.analytics)
        try await context.write { connection in
            let now = platform.effects.now()
            guard let row = try ProfileRows.load([id], connection).first, row.isLiving else { return }
            let events = old + (try loggedEvents(ids, names, after: archived, connection))
            try KeptFeatures.forget([id], connection)
            let states = kept.map { (id, $0.id, FeatureState($0.feature, events: events, calendar)) }
            try KeptFeatures.save(states.filter { $0.2 != FeatureState() }, connection)
            let changes = try SegmentReview.review([id], at: now, connection)
            try SystemEventLog.append(changes, now: now, effects: platform.effects, to: connection)
        }
        return try StoredDocument.text(["features": kept.count])
    }

    /// What these people, taken as one, did by these names up to a position of the log, as the archive has it.
    static func archivedEvents(
        _ ids: [Int64], _ names: [String], through position: Int64, limit: Int, _ analytics: any AnalyticsStore
    ) async throws -> [CriteriaEvent] {
        guard !names.isEmpty else { return [] }
        let table = try await analytics.query(
            """
            SELECT position, name, ts_ms, properties, context FROM timeline AS t FINAL
            WHERE profile_id IN (\(list: ids)) AND name IN (\(list: names)) AND kind != 'system'
            AND position <= \(position) LIMIT \(limit)
            """)
        let (positions, found, times) = (try table.ints(0), try table.strings(1), try table.ints(2))
        let (properties, contexts) = (try table.strings(3), try table.strings(4))
        return positions.indices.map { row in
            CriteriaEvent(
                position: positions[row], name: found[row], time: Timestamp(milliseconds: times[row]),
                properties: FlatValues(parsing: properties[row], nil), context: contexts[row])
        }
    }

    private static func loggedEvents(
        _ ids: [Int64], _ names: [String], after position: Int64, _ connection: any SQLConnection
    ) throws -> [CriteriaEvent] {
        try connection.query(
            """
            SELECT e.position, e.name, e.time_ms, e.properties, e.context FROM event_outcomes o
            JOIN event_log e ON e.position = o.position
            WHERE o.position > \(position) AND o.profile_id IN (\(list: ids)) AND o.outcome = 'stored'
                AND e.kind <> 'system' AND e.name IN (\(list: names))
            """
        ).map { row in
            try CriteriaEvent(
                position: row.int(0), name: row.text(1), time: Timestamp(milliseconds: row.int(2)),
                properties: FlatValues(parsing: row.text(3), nil), context: row.text(4))
        }
    }
}
