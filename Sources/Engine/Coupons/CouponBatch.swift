import Storage

/// Codes that were drawn together.
package struct CouponBatch: Sendable, Equatable {
    package var id: Int64
    package var definitionID: Int64
    package var version: Int64
    package var pattern: String
    package var total: Int64
    package var made: Int64
    package var jobID: Int64
    package var createdAt: Timestamp
    package var createdBy: String
    package var voidedAt: Timestamp?
}

/// Batches of unique codes: asked for, drawn in the background, handed out as CSV, taken back.
package enum CouponBatches {
    private static let columns = """
        id, definition_id, version, pattern, total, made, job_id, created_ms, created_by, voided_ms
        """

    /// Asks for codes; a job draws them. Throws: `CouponError`, `StorageError`.
    package static func ask(
        _ definition: Int64, pattern text: String, count: Int64, by actor: String, user: Int64? = nil,
        effects: Effects, _ connection: any SQLConnection
    ) throws -> CouponBatch {
        let pattern = try CouponPattern(text)
        guard (1...CouponLimits.batchMax).contains(count) else {
            throw CouponError.tooMany(what: "codes of one batch", limit: CouponLimits.batchMax)
        }
        let needed = CouponPattern.bitsNeeded(for: count)
        guard pattern.bits >= needed else { throw CouponError.guessable(bits: pattern.bits, needed: needed) }
        let found = try CouponIssuing.active(definition, connection)
        let known = try connection.first("SELECT count(*) FROM coupon_batches WHERE definition_id = \(definition)")
        guard try known?.int(0) ?? 0 < Int64(CouponLimits.batchesPerDefinition) else {
            throw CouponError.tooMany(what: "batches", limit: Int64(CouponLimits.batchesPerDefinition))
        }
        if let most = found.rule.limits.issued, found.tally.issued + count > most { throw CouponError.issueLimit(most) }
        let (id, now) = (effects.newID(), effects.now())
        let job = try JobQueue.enqueue(
            connection, kind: CouponBatchJob.kind, key: "\(CouponBatchJob.kind):\(id)",
            request: JSONValue.object(["batch": .integer(id)]).text(), dueAt: now, createdBy: user, effects: effects)
        try connection.execute(
            """
            INSERT INTO coupon_batches (id, definition_id, version, pattern, total, made, job_id, created_ms, created_by)
            VALUES (\(id), \(definition), \(found.version), \(text), \(count), 0, \(job.id), \(now.milliseconds),
                \(actor))
            """)
        return try get(id, connection)
    }

    /// Throws: `CouponError.batchNotFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> CouponBatch {
        let row = try connection.first("SELECT \(raw: columns) FROM coupon_batches WHERE id = \(id)")
        guard let row else { throw CouponError.batchNotFound(id) }
        return try batch(row)
    }

    /// The newest first. Throws: `StorageError`.
    package static func list(
        of definition: Int64, before: Int64 = .max, limit: Int, _ connection: any SQLConnection
    ) throws -> [CouponBatch] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM coupon_batches WHERE definition_id = \(definition) AND id < \(before)
            ORDER BY id DESC LIMIT \(min(limit, CouponLimits.pageRows))
            """
        ).map(batch)
    }

    /// Takes back every code that nobody has claimed or used; from now on none is accepted. Again: nothing.
    /// Throws: `CouponError.batchNotFound`, `StorageError`.
    package static func void(_ id: Int64, at now: Timestamp, _ connection: any SQLConnection) throws -> CouponBatch {
        try connection.execute(
            """
            UPDATE coupon_batches SET voided_ms = \(now.milliseconds), due_ms = \(now.milliseconds)
            WHERE id = \(id) AND voided_ms IS NULL
            """)
        let batch = try get(id, connection)
        if batch.made < batch.total { try JobQueue.cancel(connection, id: batch.jobID, at: now) }
        return batch
    }

    /// How many of a batch are in each state. Throws: `StorageError`.
    package static func states(
        of id: Int64, _ connection: any SQLConnection
    ) throws -> [Coupon.State: Int64] {
        var states: [Coupon.State: Int64] = [:]
        for row in try connection.query(
            "SELECT state, count(*) FROM coupons WHERE batch_id = \(id) AND batch_id <> 0 GROUP BY state")
        {
            if let state = Coupon.State(rawValue: try row.text(0)) { states[state] = try row.int(1) }
        }
        return states
    }

    package static let header = "code,state,profile_id,valid_from,valid_until\r\n"
    private static let pageCodes = 5_000

    /// The lines of one page of the file and the id to continue after; nil when there are no more.
    /// Throws: `StorageError`.
    package static func page(
        _ id: Int64, after: Int64, _ connection: any SQLConnection
    ) throws -> (lines: String, next: Int64?) {
        let rows = try connection.query(
            """
            SELECT id, code, state, profile_id, from_ms, until_ms FROM coupons WHERE batch_id = \(id) AND batch_id <> 0
            AND id > \(after) ORDER BY id LIMIT \(pageCodes)
            """)
        var lines = ""
        for row in rows {
            let owner = try row.int(3)
            let until = try row.intOrNil(5).map { Timestamp(milliseconds: $0).iso8601 } ?? ""
            let from = Timestamp(milliseconds: try row.int(4)).iso8601
            lines += "\(try row.text(1)),\(try row.text(2)),\(owner == 0 ? "" : String(owner)),\(from),\(until)\r\n"
        }
        return (lines, rows.count < pageCodes ? nil : try rows.last?.int(0))
    }

    private static func batch(_ row: SQLRow) throws -> CouponBatch {
        CouponBatch(
            id: try row.int(0), definitionID: try row.int(1), version: try row.int(2), pattern: try row.text(3),
            total: try row.int(4), made: try row.int(5), jobID: try row.int(6),
            createdAt: Timestamp(milliseconds: try row.int(7)), createdBy: try row.text(8),
            voidedAt: try row.intOrNil(9).map(Timestamp.init(milliseconds:)))
    }
}
