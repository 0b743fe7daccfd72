/// Forgets what expired in this room, once a day: answers kept for repeats under an `Idempotency-Key`.
///
/// Sessions, links and failed sign-ins are cleared as new ones come.
enum AccountRetention {
    private static let batchRows = 1_000
    private static let batchesMax = 10_000

    static let handler = JobHandler(kind: "account_retention", schedule: .daily(hour: 4, minute: 20)) { context in
        let now = context.platform.effects.now()
        var forgotten = 0
        for _ in 0..<batchesMax {
            let count = try await context.write { try IdempotentAnswers.forget($0, at: now, limit: batchRows) }
            forgotten += count
            if count < batchRows { break }
        }
        return try StoredDocument.text(["idempotency_keys": forgotten])
    }
}
