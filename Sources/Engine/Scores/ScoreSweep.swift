import Storage

/// Weighs everybody by a model for the first time, or after it changed.
package enum ScoreBuild {
    package static let kind = "build_score"

    static func enqueue(_ id: Int64, effects: Effects, _ connection: any SQLConnection) throws {
        try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(id)", request: try StoredDocument.text(["model": id]),
            dueAt: effects.now(), effects: effects)
        try JobQueue.hasten(connection, key: "\(kind):\(id)", at: effects.now())
    }

    package static let handler = JobHandler(kind: kind, attemptsMax: 30) { context in
        let id = try StoredDocument.value([String: Int64].self, from: context.job.request)["model"] ?? 0
        try await SegmentBuild.waitForArchive(context)
        try await FeatureFill.run(context)
        guard let model = try await context.platform.store.read({ try ScoreModels.stored(id, $0) }) else { return "{}" }
        let people = try await ScoreSweep.everybody(context)
        try await ScoreSweep.mirror(id, since: Timestamp(milliseconds: model.updatedMS), context)
        try await ScoreSweep.note(id, context)
        _ = try await context.write { connection in
            try connection.execute(
                "UPDATE score_models SET status = 'live' WHERE id = \(id) AND version = \(model.version)")
            try SegmentCache.invalidate(connection, at: context.platform.effects.now())
        }
        return try StoredDocument.text(["people": people])
    }
}

/// Time passes: once a day, soon after the workspace's midnight, points fade and what was reached is told.
///
/// Resumable: a person's row says for which day it holds, so a sweep that was broken off goes on where it was.
package enum ScoreSweep {
    package static let handler = JobHandler(kind: "sweep_scores", schedule: .every(seconds: 120)) { context in
        let platform = context.platform
        let (models, calendar) = try await platform.store.read {
            (try ScoreModels.list($0), try Workspace.load($0).calendar)
        }
        let today = calendar.day(of: platform.effects.now())
        var people: Int64 = 0
        let due = models.filter { !$0.isBuilding && $0.sweptDay ?? .min < today }
        // A condition that time alone makes true may bring points to anybody; else only what is there can fade.
        if due.contains(where: { $0.rules?.dependsOnTime == true }) {
            people += try await everybody(context)
        } else {
            for model in due where model.rules?.halfLifeDays ?? 0 > 0 {
                people += try await fade(model.id, today, context)
            }
        }
        for model in due {
            try await mirror(model.id, since: calendar.start(ofDay: today), context)
            try await note(model.id, context)
        }
        return try StoredDocument.text(["models": Int64(due.count), "people": people])
    }

    private static let batchPeople = 500
    private static let mirroredPeople = 5_000

    /// Brings everybody whose points are of an earlier day to today.
    private static func fade(_ id: Int64, _ today: Int64, _ context: JobContext) async throws -> Int64 {
        let platform = context.platform
        var (after, done): (Int64, Int64) = (0, 0)
        while true {
            let last = after
            let ids = try await platform.store.read { connection in
                try connection.query(
                    """
                    SELECT profile_id FROM profile_scores WHERE model_id = \(id) AND day < \(today)
                    AND profile_id > \(last) ORDER BY profile_id LIMIT \(batchPeople)
                    """
                ).map { try $0.int(0) }
            }
            guard let end = ids.last else { return done }
            done += Int64(ids.count)
            try await review(ids, done, context)
            after = end
        }
    }

    /// Weighs everybody.
    static func everybody(_ context: JobContext) async throws -> Int64 {
        var (after, done): (Int64, Int64) = (0, 0)
        while true {
            let last = after
            let ids = try await context.platform.store.read { connection in
                try connection.query(
                    """
                    SELECT id FROM profiles WHERE id > \(last) AND \(raw: Profile.isUnmerged) AND deleted_ms IS NULL
                    ORDER BY id LIMIT \(batchPeople)
                    """
                ).map { try $0.int(0) }
            }
            guard let end = ids.last else { return done }
            done += Int64(ids.count)
            try await review(ids, done, context)
            after = end
        }
    }

    private static func review(_ ids: [Int64], _ done: Int64, _ context: JobContext) async throws {
        let effects = context.platform.effects
        try await context.write { connection in
            let now = effects.now()
            let events = try SegmentReview.review(Set(ids), at: now, connection)
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            try context.report(JobProgress(done: done, unit: "people"), in: connection)
        }
    }

    /// Brings rows that changed since a moment to the mirror: fading says nothing, so no event takes them there. Runs
    /// before the sweep is noted, so a sweep that was broken off does it again.
    static func mirror(_ id: Int64, since moment: Timestamp, _ context: JobContext) async throws {
        let platform = context.platform
        var after: Int64 = 0
        while true {
            let last = after
            let (ids, block) = try await platform.store.read { connection in
                let ids = try connection.query(
                    """
                    SELECT profile_id FROM profile_scores WHERE model_id = \(id) AND profile_id > \(last)
                    AND changed_ms >= \(moment.milliseconds) ORDER BY profile_id LIMIT \(mirroredPeople)
                    """
                ).map { try $0.int(0) }
                return (ids, try ArchiveProfiles.block(ids, Workspace.load(connection).calendar, connection))
            }
            guard let end = ids.last else { return }
            let now = platform.effects.now().milliseconds
            try await platform.analytics.insert(block, token: "scores-\(context.job.id)-\(last)-\(now)")
            after = end
        }
    }

    /// Notes how many people have which grade today.
    static func note(_ id: Int64, _ context: JobContext) async throws {
        let now = context.platform.effects.now()
        _ = try await context.write { connection in
            let day = try Workspace.load(connection).calendar.day(of: now)
            let rows = try connection.query(
                "SELECT grade, count(*) FROM profile_scores WHERE model_id = \(id) GROUP BY grade")
            let counts = try rows.map { (try $0.text(0), try $0.int(1)) }
            try connection.execute("DELETE FROM score_days WHERE model_id = \(id) AND day = \(day)")
            try connection.executeMany(
                "INSERT INTO score_days (model_id, day, grade, people) VALUES (?, ?, ?, ?)",
                counts.map { [.integer(id), .integer(day), .text($0.0), .integer($0.1)] })
            let size = counts.reduce(Int64(0)) { $0 + $1.1 }
            try connection.execute(
                "UPDATE score_models SET swept_day = \(day), size = \(size) WHERE id = \(id)")
        }
    }
}
