import Science
import Storage

/// Learns the base's rhythm again, publishes it as a new model, and applies it to everybody in bounded transactions.
///
/// People whose orders were brought in with a past get the changes of stage that they would have had, as rows of
/// `stage_history` with the cause `reconstructed`; no events are raised for those.
package enum LifecycleRefresh {
    package static let kind = "refresh_lifecycle"

    package static let handler = JobHandler(kind: kind, schedule: .daily(hour: 3, minute: 10)) { context in
        var checkpoint = try context.job.progress.checkpoint.map {
            try StoredDocument.value(Checkpoint.self, from: $0)
        }
        if checkpoint == nil {
            let platform = context.platform
            let learnt = try await LifecycleFit.run(platform, through: nil)
            checkpoint = try await context.write { connection in
                let card = try publish(learnt, at: platform.effects.now(), connection)
                return Checkpoint(version: card.version, lastID: 0, done: 0, total: try countPeople(connection))
            }
        }
        guard var place = checkpoint else { return "{}" }
        while true {
            let start = place
            let effects = context.platform.effects
            let next = try await context.write { connection in
                let next = try LifecycleReassessment(version: start.version, effects: effects)
                    .run(after: start, limit: batchPeople, connection)
                if let next {
                    try context.report(
                        JobProgress(
                            done: next.done, total: next.total, unit: "people", phase: "assessing",
                            checkpoint: try StoredDocument.text(next)), in: connection)
                } else {
                    // The next round begins anew.
                    try context.report(
                        JobProgress(done: start.done, total: start.done, unit: "people"), in: connection)
                }
                return next
            }
            guard let next else { break }
            place = next
        }
        return try StoredDocument.text(["version": place.version, "people": place.done])
    }

    /// How far the model of one version has been applied.
    struct Checkpoint: Sendable, Codable, Equatable {
        var version: Int64
        var lastID: Int64
        var done: Int64
        var total: Int64
    }

    static let batchPeople = 500

    private static func publish(
        _ learnt: LifecycleFit, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> LifecycleCard {
        try connection.lock("lifecycle_models")
        let version = (try LifecycleCard.newest(connection)?.version ?? 0) + 1
        let card = LifecycleCard(
            version: version, created: now, firstDay: learnt.firstDay, lastDay: learnt.lastDay,
            buyers: learnt.buyers, purchases: learnt.purchases, model: learnt.model)
        try card.save(connection)
        return card
    }

    private static func countPeople(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT count(*) FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL")?
            .int(0) ?? 0
    }
}
