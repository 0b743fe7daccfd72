import Storage

/// A journey that asks what people did lets them in once what they did before it was published is known.
enum JourneyFill {
    static let kind = "fill_journeys"

    /// Call it in the transaction that publishes, after the features are settled. Throws: `StorageError`.
    static func wait(
        for definition: JourneyDefinition, of id: Int64, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let needed = Set(definition.conditions.flatMap(\.criteria.features))
        guard try KeptFeatures.load(connection).contains(where: { $0.isFilling && needed.contains($0.feature) }) else {
            return
        }
        try connection.execute("UPDATE journeys SET from_position = \(Int64.max) WHERE id = \(id)")
        try JobQueue.enqueue(connection, kind: kind, key: kind, request: "{}", dueAt: effects.now(), effects: effects)
        try JobQueue.hasten(connection, key: kind, at: effects.now())
    }

    static let handler = JobHandler(kind: kind, attemptsMax: 30) { context in
        try await SegmentBuild.waitForArchive(context)
        try await FeatureFill.run(context)
        let now = context.platform.effects.now()
        let begun = try await context.write { connection in
            try connection.lock("journeys")
            let end = try EventLog.end(connection)
            let begun = try connection.execute(
                "UPDATE journeys SET from_position = \(end) WHERE from_position = \(Int64.max)")
            try Journeys.changed(connection, at: now)
            return begun
        }
        return try StoredDocument.text(["journeys": begun])
    }
}

/// Forgets the ways of people who left long ago; what was counted stays.
enum JourneyRetention {
    private static let days = 400
    private static let chunkRuns = 1_000

    static let handler = JobHandler(kind: "journey_retention", schedule: .daily(hour: 4, minute: 10)) { context in
        let before = context.platform.effects.now().adding(days: -days).milliseconds
        var forgotten = 0
        while true {
            let count = try await context.write { connection -> Int in
                // Whoever may come in only once is remembered by the run itself.
                let ids = try connection.query(
                    """
                    SELECT r.id FROM journey_runs r JOIN journeys j ON j.id = r.journey_id
                    WHERE r.status = 'ended' AND r.ended_ms < \(before) AND (j.deleted_ms IS NOT NULL OR EXISTS (
                        SELECT 1 FROM journey_visits v WHERE v.run_id = r.id)) LIMIT \(chunkRuns)
                    """
                ).map { try $0.int(0) }
                try connection.execute("DELETE FROM journey_visits WHERE run_id IN (\(list: ids))")
                try connection.execute(
                    "UPDATE journey_runs SET entry_values = '{}' WHERE id IN (\(list: ids))")
                try connection.execute(
                    """
                    DELETE FROM journey_runs WHERE id IN (\(list: ids))
                        AND journey_id IN (SELECT id FROM journeys WHERE deleted_ms IS NOT NULL)
                    """)
                return ids.count
            }
            forgotten += count
            if count < chunkRuns { break }
        }
        try await forgetPublications(context)
        return try StoredDocument.text(["runs": forgotten])
    }

    /// Where people stood before a publishing that can no longer be taken back, and what happened to whom it let go.
    private static func forgetPublications(_ context: JobContext) async throws {
        let now = context.platform.effects.now()
        let before = now.adding(milliseconds: -2 * JourneyPublication.undoHours * 3_600_000).milliseconds
        try await context.write { connection in
            try connection.execute(
                """
                DELETE FROM journey_publication_moves WHERE publication_id IN (
                    SELECT id FROM journey_publications WHERE at_ms < \(before))
                """)
            try connection.execute(
                """
                DELETE FROM journey_inputs WHERE run_id IN (
                    SELECT id FROM journey_runs WHERE status = 'ended' AND ended_ms < \(before))
                """)
        }
    }
}
