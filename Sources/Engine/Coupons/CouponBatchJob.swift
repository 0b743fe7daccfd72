import Storage

/// Draws the codes of a batch.
///
/// All are drawn at once and written in their order, so that the index of codes grows at its end; each transaction says
/// how many are made, and after a crash the rest is drawn anew.
package enum CouponBatchJob {
    static let kind = "coupon_batch"

    package static let handler = JobHandler(kind: kind) { context in
        let request = try JSONValue(parsing: context.job.request)
        guard let id = request["batch"]?.intValue else {
            throw JobFailure(code: "bad_request", message: "the request names no batch")
        }
        let made = try await make(id, context)
        return try StoredDocument.text(["codes": made])
    }

    private static let roundsMax = 10

    private static func make(_ id: Int64, _ context: JobContext) async throws -> Int64 {
        let platform = context.platform
        let (batch, rule, calendar) = try await platform.store.read { connection in
            let batch = try CouponBatches.get(id, connection)
            return (
                batch, try CouponDefinitions.rule(batch.definitionID, version: batch.version, connection),
                try Workspace.load(connection).calendar
            )
        }
        guard batch.voidedAt == nil else { return batch.made }
        let pattern = try CouponPattern(batch.pattern)
        let span = rule.validity.span(issuedAt: batch.createdAt, calendar)
        var made = batch.made
        // A code that is there already is left out, which is rare: another round draws as many again.
        for _ in 0..<roundsMax where made < batch.total {
            let codes = draw(Int(batch.total - made), pattern, platform.effects)
            var start = 0
            while start < codes.count {
                try Task.checkCancellation()
                let piece = codes[start..<min(start + CouponLimits.rowsPerWrite, codes.count)]
                start += piece.count
                made = try await write(Array(piece), batch, rule, span, context)
            }
        }
        guard made == batch.total else {
            throw JobFailure(code: "no_more_codes", message: "the pattern has too few codes left")
        }
        return made
    }

    /// So many different codes, ascending.
    package static func draw(_ count: Int, _ pattern: CouponPattern, _ effects: Effects) -> [String] {
        var random = CouponRandom(effects.randomBytes)
        var codes: [String] = []
        codes.reserveCapacity(count)
        while codes.count < count {
            for _ in codes.count..<count { codes.append(pattern.code(&random)) }
            codes.sort()
            var last = ""
            codes.removeAll { code in
                defer { last = code }
                return code == last
            }
        }
        return codes
    }

    private static func write(
        _ codes: [String], _ batch: CouponBatch, _ rule: CouponRule, _ span: (from: Timestamp, until: Timestamp?),
        _ context: JobContext
    ) async throws -> Int64 {
        let effects = context.platform.effects
        return try await context.write { connection in
            let now = effects.now()
            guard try CouponBatches.get(batch.id, connection).voidedAt == nil else {
                throw JobFailure(code: "voided", message: "the batch was taken back")
            }
            // Consecutive, so that the rows lie side by side.
            let first = effects.newID()
            let changes = try connection.executeMany(
                """
                INSERT INTO coupons (id, code, definition_id, version, batch_id, kind, profile_id, state, issued_ms,
                    from_ms, until_ms, amount_left, uses_max, uses, sequence, due_ms, issue_key)
                VALUES (?, ?, ?, ?, ?, 'code', 0, 'issued', ?, ?, ?, ?, NULL, 0, 0, NULL, NULL)
                ON CONFLICT DO NOTHING
                """,
                codes.enumerated().map { index, code in
                    [
                        .integer(first + Int64(index)), .text(code), .integer(batch.definitionID),
                        .integer(batch.version), .integer(batch.id), .integer(now.milliseconds),
                        .integer(span.from.milliseconds), span.until.map { .integer($0.milliseconds) } ?? .null,
                        rule.benefit.face.map { .integer($0) } ?? .null,
                    ]
                })
            let count = Int64(changes.reduce(0, +))
            if count > 0 {
                try CouponRows.write(
                    CouponEntry(.issued, at: now, count: count, note: "batch:\(batch.id)"), ofMany: batch.definitionID,
                    by: batch.createdBy, effects: effects, connection)
            }
            try connection.execute(
                """
                UPDATE coupon_batches SET made = made + \(count), due_ms = \((span.until?.milliseconds).sqlValue)
                WHERE id = \(batch.id)
                """)
            let made = try CouponBatches.get(batch.id, connection).made
            try context.report(JobProgress(done: made, total: batch.total, unit: "codes"), in: connection)
            return made
        }
    }
}
