import Storage

/// Who did what and when. Append-only; every row carries a hash over the one before, so a change or a gap shows.
package enum AuditLog {
    package struct Entry: Sendable, Equatable {
        package var id: Int64
        package var at: Timestamp
        /// `user:ID`, `key:ID`, `address:…` or `system`.
        package var actor: String
        /// `noun.verb`: `user.create`, `session.open`, `merge.undo`, …
        package var action: String
        package var subject: String
        package var detail: String
        package var hash: String
    }

    /// Adds one row inside the caller's transaction. Throws: `StorageError`.
    package static func append(
        actor: String, action: String, subject: String, detail: String, _ connection: any SQLConnection,
        at now: Timestamp
    ) throws {
        try connection.lock("audit_log")
        let last = try connection.first("SELECT hash FROM audit_log ORDER BY id DESC LIMIT 1")
        let hash = chain(
            after: try last?.text(0) ?? "", at: now, actor: actor, action: action, subject: subject, detail: detail)
        try connection.execute(
            """
            INSERT INTO audit_log (at_ms, actor, action, subject, detail, hash)
            VALUES (\(now.milliseconds), \(actor), \(action), \(subject), \(detail), \(hash))
            """)
    }

    /// A page of entries, newest first, older than `before`; `search` looks in actor, action, subject and detail.
    package static func page(
        before: Int64?, search: String, _ connection: any SQLConnection
    ) throws -> [Entry] {
        let pattern = "%" + escaped(search.lowercased()) + "%"
        let rows = try connection.query(
            """
            SELECT id, at_ms, actor, action, subject, detail, hash FROM audit_log
            WHERE id < \(before ?? Int64.max)
                AND (\(search) = '' OR lower(actor || ' ' || action || ' ' || subject || ' ' || detail)
                    LIKE \(pattern) ESCAPE '!')
            ORDER BY id DESC LIMIT \(AccountLimits.auditPageRows)
            """)
        return try rows.map(entry)
    }

    /// The first row whose hash does not follow from the one before, or nil when the chain is whole.
    package static func firstBrokenEntry(_ connection: any SQLConnection) throws -> Entry? {
        var previous = ""
        var after: Int64 = 0
        while true {
            let rows = try connection.query(
                """
                SELECT id, at_ms, actor, action, subject, detail, hash FROM audit_log
                WHERE id > \(after) ORDER BY id LIMIT 1000
                """
            ).map(entry)
            guard !rows.isEmpty else { return nil }
            for row in rows {
                let expected = chain(
                    after: previous, at: row.at, actor: row.actor, action: row.action, subject: row.subject,
                    detail: row.detail)
                guard expected == row.hash else { return row }
                previous = row.hash
                after = row.id
            }
        }
    }

    private static func entry(_ row: SQLRow) throws -> Entry {
        Entry(
            id: try row.int(0), at: Timestamp(milliseconds: try row.int(1)), actor: try row.text(2),
            action: try row.text(3), subject: try row.text(4), detail: try row.text(5), hash: try row.text(6))
    }

    /// Fields are joined with their lengths, so that none can pretend to be two.
    private static func chain(
        after previous: String, at: Timestamp, actor: String, action: String, subject: String, detail: String
    ) -> String {
        let fields = [previous, String(at.milliseconds), actor, action, subject, detail]
        let text = fields.map { "\($0.utf8.count):\($0)" }.joined(separator: "|")
        return Digest.sha256(Array(text.utf8))
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            if character == "!" || character == "%" || character == "_" { out.append("!") }
            out.append(character)
        }
        return out
    }
}
