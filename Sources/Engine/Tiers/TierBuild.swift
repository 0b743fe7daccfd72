import Storage

/// Places every member by the ladder that was published, or by new scores. A member whom a deed or the clock reaches first
/// adopts the ladder then; the job only sees to the rest.
package enum TierBuild {
    private static let setting = "tiers_built"

    package static let handler = JobHandler(kind: "build_tiers", schedule: .every(seconds: 15)) { context in
        let (version, built) = try await context.platform.store.read { connection in
            (
                try TierLadders.current(connection)?.version ?? 0,
                try Settings.load(Int64.self, setting, connection) ?? 0
            )
        }
        guard version > built else { return try StoredDocument.text(["members": Int64(0)]) }
        let members = try await everybody(context, .ladder)
        try await context.write {
            try Settings.save(version, setting, $0, at: context.platform.effects.now())
        }
        return try StoredDocument.text(["members": members])
    }

    /// Scores are new every night: whoever they lift is lifted then. Nothing to do where no rule asks for them.
    package static let nightly = JobHandler(kind: "tier_scores", schedule: .daily(hour: 6, minute: 20)) { context in
        let published = try await context.platform.store.read { try TierLadders.current($0) }
        guard published?.ladder.indicators.contains(where: { $0.kind == RFMScore.kind }) ?? false else {
            return try StoredDocument.text(["members": Int64(0)])
        }
        return try StoredDocument.text(["members": try await everybody(context, .activity)])
    }

    private static func everybody(_ context: JobContext, _ cause: TierChange.Cause) async throws -> Int64 {
        let effects = context.platform.effects
        var after = context.job.progress.checkpoint.flatMap { Int64($0) } ?? 0
        var done = context.job.progress.checkpoint == nil ? 0 : context.job.progress.done
        while true {
            let (last, so) = (after, done)
            let end = try await context.write { connection -> (Int64, Int)? in
                let members = try connection.query(
                    """
                    SELECT id FROM points_accounts WHERE id > \(last) AND closed_ms IS NULL AND profile_id <> 0
                    ORDER BY id LIMIT \(TierLimits.batchMembers)
                    """
                ).map { try $0.int(0) }
                guard let end = members.last else { return nil }
                let now = effects.now()
                let events = try TierReview.review(members: members, cause, at: now, connection)
                try SystemEventLog.append(events, now: now, effects: effects, to: connection)
                try context.report(
                    JobProgress(done: so + Int64(members.count), unit: "people", checkpoint: String(end)),
                    in: connection)
                return (end, members.count)
            }
            guard let end else {
                if context.job.progress.checkpoint != nil || after > 0 {
                    try await context.report(JobProgress(done: done, unit: "people"))
                }
                return done
            }
            after = end.0
            done += Int64(end.1)
        }
    }
}
