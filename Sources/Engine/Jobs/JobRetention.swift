/// Forgets jobs that finished long ago, once a day.
package enum JobRetention {
    package static let handler = JobHandler(kind: "retention", schedule: .daily(hour: 4, minute: 10)) { context in
        let limit = context.platform.effects.now().adding(days: -JobLimits.keepDays)
        var forgotten = 0
        for _ in 0..<batchesMax {
            let count = try await context.write { connection in
                try JobQueue.forget(connection, finishedBefore: limit, limit: batchRows)
            }
            forgotten += count
            if count < batchRows { break }
        }
        return try StoredDocument.text(["jobs": forgotten])
    }

    private static let batchRows = 1_000
    private static let batchesMax = 1_000
}
