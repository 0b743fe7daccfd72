import Storage

/// Time passes for coupons: locks time out, what has come to its end lapses, each dated when it was due; the codes of
/// a batch lapse, or are taken back, together.
package enum CouponClock {
    private static let coupons = 200

    package static let handler = JobHandler(kind: "coupon_clock", schedule: .every(seconds: 30)) { context in
        var done: Int64 = 0
        while true {
            let moved = try await run(context)
            done += Int64(moved)
            if moved < coupons { break }
        }
        let lapsed = try await runBatches(context)
        return try StoredDocument.text(["coupons": done, "codes": lapsed])
    }

    private static func run(_ context: JobContext) async throws -> Int {
        let effects = context.platform.effects
        return try await context.platform.store.write { connection in
            let now = effects.now()
            var loaded = try CouponRows.load(
                "due_ms IS NOT NULL AND due_ms <= \(now.milliseconds)", over: now, limit: coupons, forUpdate: true,
                skipsLocked: true, connection)
            for index in loaded.indices { loaded[index].life.advance(to: now) }
            let events = try CouponRows.save(loaded, by: "clock", connection)
            try settle(loaded, connection)
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            return loaded.count
        }
    }

    /// What was due without anything to do is not due again.
    private static func settle(_ loaded: [CouponRows.Loaded], _ connection: any SQLConnection) throws {
        let still = loaded.filter { $0.life == $0.before && $0.life.coupon.kind != .shared }
        try connection.executeMany(
            "UPDATE coupons SET due_ms = ? WHERE id = ?",
            still.map { [$0.life.due.map { .integer($0.milliseconds) } ?? .null, .integer($0.life.coupon.id)] })
        let shared = loaded.filter { $0.life == $0.before && $0.life.coupon.kind == .shared }.map(\.life.coupon.id)
        guard !shared.isEmpty else { return }
        try connection.execute(
            """
            UPDATE coupons SET due_ms = (SELECT min(u.until_ms) FROM coupon_uses u WHERE u.coupon_id = coupons.id
                AND u.until_ms IS NOT NULL) WHERE id IN (\(list: shared))
            """)
    }

    private static func runBatches(_ context: JobContext) async throws -> Int64 {
        let platform = context.platform
        let now = platform.effects.now()
        let due = try await platform.store.read { connection in
            try connection.query(
                "SELECT id FROM coupon_batches WHERE due_ms IS NOT NULL AND due_ms <= \(now.milliseconds) ORDER BY id"
            ).map { try $0.int(0) }
        }
        var lapsed: Int64 = 0
        for id in due {
            var after: Int64? = 0
            while let place = after {
                try Task.checkCancellation()
                let (count, next) = try await end(id, after: place, context)
                lapsed += count
                after = next
            }
        }
        return lapsed
    }

    /// Ends some codes of a batch; those that a person or an order has go their own way.
    private static func end(
        _ id: Int64, after: Int64, _ context: JobContext
    ) async throws -> (count: Int64, next: Int64?) {
        let effects = context.platform.effects
        return try await context.write { connection in
            let now = effects.now()
            let batch = try CouponBatches.get(id, connection)
            let kind: CouponEntry.Kind = batch.voidedAt == nil ? .expired : .voided
            let ids = try connection.query(
                """
                SELECT id FROM coupons WHERE batch_id = \(id) AND id > \(after) AND state = 'issued' AND profile_id = 0
                AND uses = 0 AND (until_ms <= \(now.milliseconds) OR \(batch.voidedAt == nil ? 0 : 1) = 1)
                ORDER BY id LIMIT \(codesPerWrite)\(raw: connection.dialect.forUpdate)
                """
            ).map { try $0.int(0) }
            try connection.executeMany(
                "UPDATE coupons SET state = ? WHERE id = ?", ids.map { [.text(kind.rawValue), .integer($0)] })
            if !ids.isEmpty {
                try CouponRows.write(
                    CouponEntry(kind, at: now, count: Int64(ids.count), note: "batch:\(id)"),
                    ofMany: batch.definitionID, by: "clock", effects: effects, connection)
            }
            guard ids.count == codesPerWrite else {
                // A job that still draws codes of a batch that was taken back stops by itself.
                try connection.execute("UPDATE coupon_batches SET due_ms = NULL WHERE id = \(id)")
                return (Int64(ids.count), nil)
            }
            return (Int64(ids.count), ids.last)
        }
    }

    private static let codesPerWrite = 5_000
}
