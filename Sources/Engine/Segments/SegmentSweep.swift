import Storage

/// Fills segments for the first time or after their definition changed.
///
/// Features are brought up to date first; then everybody whom the analytics store names is put in, without an event: to
/// be there when a segment begins is no entering. What changed meanwhile is put right by a sweep at once.
package enum SegmentBuild {
    package static let kind = "build_segment"

    package static func enqueue(_ id: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(id)", request: try StoredDocument.text(["segment": id]),
            dueAt: effects.now(), effects: effects)
        try JobQueue.hasten(connection, key: "\(kind):\(id)", at: effects.now())
    }

    package static let handler = JobHandler(kind: kind, attemptsMax: 30) { context in
        let id = try StoredDocument.value([String: Int64].self, from: context.job.request)["segment"] ?? 0
        try await waitForArchive(context)
        try await FeatureFill.run(context)
        guard let segment = try await context.platform.store.read({ try Segments.stored(id, $0) }) else {
            return try StoredDocument.text(["people": Int64(0)])
        }
        let people: Int64
        switch segment.kind {
        case .list: return try StoredDocument.text(["people": Int64(0)])
        case .snapshot: people = try await SnapshotFill.run(segment, context)
        case .dynamic:
            try await put(segment, context)
            people = try await SegmentSweep.sweep(segment.id, context)
        }
        _ = try await context.write { connection in
            try connection.execute(
                "UPDATE segments SET status = 'live' WHERE id = \(id) AND version = \(segment.version)")
        }
        return try StoredDocument.text(["people": people])
    }

    static let batchPeople = 2_000
    private static let waitSteps = 120

    /// The archive has to have what was in the log when the segment was published.
    static func waitForArchive(_ context: JobContext) async throws {
        let platform = context.platform
        let end = try await platform.store.read { try EventLog.end($0) }
        for _ in 0..<waitSteps {
            let archived = try await platform.store.read { connection in
                try LogProgress.load(connection, now: platform.effects.now()).archived
            }
            if archived >= end { return }
            try await Task.sleep(for: .milliseconds(500))
            try await context.report(JobProgress(unit: "people", phase: "waiting"))
        }
        throw FeatureFillError.archiveBehind(archived: 0, wanted: end)
    }

    private static func put(_ segment: Segment, _ context: JobContext) async throws {
        let ids = try await SegmentSweep.matching(segment.id, context.platform)
        let now = context.platform.effects.now()
        for start in stride(from: 0, to: ids.count, by: batchPeople) {
            let slice = Array(ids[start..<min(start + batchPeople, ids.count)])
            try await context.write { connection in
                try SegmentMembers.add(slice.map { (segment.id, $0) }, at: now, connection)
                try context.report(
                    JobProgress(done: Int64(start + slice.count), total: Int64(ids.count), unit: "people"),
                    in: connection)
            }
        }
    }
}

/// Time passes: once a day, soon after the workspace's midnight, everybody is compared with every definition.
///
/// The analytics store says who may have to move; each of them is decided in memory on the locked row, so that an event
/// that is not archived yet is not overlooked.
package enum SegmentSweep {
    package static let handler = JobHandler(kind: "sweep_segments", schedule: .every(seconds: 120)) { context in
        let platform = context.platform
        let due = try await platform.store.read { connection -> [Int64] in
            let calendar = try Workspace.load(connection).calendar
            let midnight = calendar.start(ofDay: calendar.day(of: platform.effects.now())).milliseconds
            return try connection.query(
                """
                SELECT id FROM segments WHERE kind = 'dynamic' AND status = 'live' AND deleted_ms IS NULL
                AND (swept_ms IS NULL OR swept_ms < \(midnight)) ORDER BY id
                """
            ).map { try $0.int(0) }
        }
        for id in due { _ = try await sweep(id, context) }
        let counted = try await count(platform)
        try await context.write { try note(counted, at: platform.effects.now(), $0) }
        _ = try await context.write { try KeptFeatures.sweepForgotten(limit: forgottenRows, $0) }
        return try StoredDocument.text(["swept": due.count, "counted": counted.count])
    }

    private static let batchPeople = 500
    private static let forgottenRows = 5_000
    /// People of one segment that the analytics store may name.
    private static let limits = QueryLimits(seconds: 300, memoryBytes: 4_000_000_000, rows: 20_000_000)

    /// Ids of everybody whom the analytics store finds, ascending.
    static func matching(_ id: Int64, _ platform: Platform) async throws -> [Int64] {
        let (criteria, clock) = try await platform.store.read { connection -> (Criteria?, CriteriaClock) in
            let published = try SegmentCache().load(try Workspace.load(connection), connection)
            let own = published.dynamic.first { $0.id == id }
            return (own?.criteria, published.clock(platform.effects.now()))
        }
        guard let criteria else { return [] }
        let query = CriteriaQuery(criteria, clock)
        return try await platform.analytics.query("SELECT pid FROM (\(query.matching)) ORDER BY pid", limits: limits)
            .ints(0)
    }

    /// Compares everybody with one segment. Returns how many people it has then. Throws: `StorageError`.
    static func sweep(_ id: Int64, _ context: JobContext) async throws -> Int64 {
        let platform = context.platform
        let found = try await matching(id, platform)
        let present = try await platform.store.read { connection -> [Int64] in
            var ids: [Int64] = []
            try connection.forEach(
                "SELECT profile_id FROM segment_members WHERE segment_id = \(id) ORDER BY profile_id", batch: 5_000
            ) { rows in ids += try rows.map { try $0.int(0) } }
            return ids
        }
        try await compare(id, found, present, context)
        return try await context.write { connection in
            let now = platform.effects.now()
            try connection.execute("UPDATE segments SET swept_ms = \(now.milliseconds) WHERE id = \(id)")
            let size =
                try connection.first("SELECT count(*) FROM segment_members WHERE segment_id = \(id)")?.int(0) ?? 0
            try note([(id, size)], at: now, connection)
            return size
        }
    }

    /// Decides everybody anew who is found and not there, or the other way round: of a segment or of a tag.
    static func compare(_ id: Int64, _ found: [Int64], _ present: [Int64], _ context: JobContext) async throws {
        let platform = context.platform
        let differing = Set(found).symmetricDifference(present).sorted()
        for start in stride(from: 0, to: differing.count, by: batchPeople) {
            let slice = Set(differing[start..<min(start + batchPeople, differing.count)])
            try await context.write { connection in
                let now = platform.effects.now()
                let events = try SegmentReview.review(slice, only: [id], at: now, connection)
                try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
            }
        }
    }

    /// Compares everybody with these segments soon: something that they ask for means something else now.
    static func hasten(_ ids: [Int64], _ connection: any SQLConnection) throws {
        try connection.executeMany("UPDATE segments SET swept_ms = NULL WHERE id = ?", ids.map { [.integer($0)] })
    }

    /// How large every segment is. Throws: `StorageError`.
    static func count(_ platform: Platform) async throws -> [(id: Int64, size: Int64)] {
        try await platform.store.read { connection in
            try connection.query(
                """
                SELECT s.id, count(m.profile_id) FROM segments s LEFT JOIN segment_members m ON m.segment_id = s.id
                WHERE s.deleted_ms IS NULL GROUP BY s.id ORDER BY s.id
                """
            ).map { (try $0.int(0), try $0.int(1)) }
        }
    }

    /// Notes sizes for today. Throws: `StorageError`.
    static func note(
        _ sizes: [(id: Int64, size: Int64)], at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard !sizes.isEmpty else { return }
        let day = try Workspace.load(connection).calendar.day(of: now)
        try connection.executeMany(
            "UPDATE segments SET size = ? WHERE id = ? AND size <> ?",
            sizes.map { [.integer($0.size), .integer($0.id), .integer($0.size)] })
        try connection.executeMany(
            """
            INSERT INTO segment_days (segment_id, day, size) VALUES (?, ?, ?)
            ON CONFLICT (segment_id, day) DO UPDATE SET size = excluded.size
            """, sizes.map { [.integer($0.id), .integer(day), .integer($0.size)] })
    }
}
