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

    /// What is looked for; empty texts and nil stand for everything.
    package struct Filter: Sendable, Equatable {
        /// In actor, action, subject and detail.
        package var search = ""
        package var actor = ""
        package var action = ""
        package var subject = ""
        package var from: Timestamp?
        /// Not included.
        package var to: Timestamp?

        package init() {}
    }

    /// A page of entries, newest first.
    package struct Page: Sendable, Equatable {
        package var entries: [Entry]
        /// Where to go on; nil at the end.
        package var next: Int64?
    }

    /// Entries that one page looks through at most, so that a rare word in a long log does not hold up the store.
    private static let scannedRows: Int64 = 100_000

    /// Entries older than `before` that meet the filter, newest first. Throws: `StorageError`.
    package static func page(
        _ filter: Filter, before: Int64?, _ connection: any SQLConnection
    ) throws -> Page {
        let newest = try before ?? lastID(connection) + 1
        let floor = newest - scannedRows
        let limit = AccountLimits.auditPageRows
        let condition: SQL = "id < \(newest) AND id >= \(floor)" + conditions(filter) + " ORDER BY id DESC"
        let entries = try load(condition, limit, connection)
        if entries.count == limit { return Page(entries: entries, next: entries.last?.id) }
        return Page(entries: entries, next: floor > 1 ? floor : nil)
    }

    /// Entries newer than `after` that meet the filter, oldest first. Throws: `StorageError`.
    package static func page(
        _ filter: Filter, after: Int64, limit: Int = AccountLimits.auditPageRows, _ connection: any SQLConnection
    ) throws -> Page {
        let ceiling = after + scannedRows
        let condition: SQL = "id > \(after) AND id <= \(ceiling)" + conditions(filter) + " ORDER BY id"
        let entries = try load(condition, limit, connection)
        if entries.count == limit { return Page(entries: entries, next: entries.last?.id) }
        return Page(entries: entries, next: try lastID(connection) > ceiling ? ceiling : nil)
    }

    /// Of the newest entry; 0 before there is any.
    static func lastID(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT max(id) FROM audit_log")?.intOrNil(0) ?? 0
    }

    private static func conditions(_ filter: Filter) -> SQL {
        var condition: SQL = ""
        if !filter.actor.isEmpty { condition += " AND actor = \(filter.actor)" }
        if !filter.action.isEmpty { condition += " AND action = \(filter.action)" }
        if !filter.subject.isEmpty { condition += " AND subject = \(filter.subject)" }
        if let from = filter.from { condition += " AND at_ms >= \(from.milliseconds)" }
        if let to = filter.to { condition += " AND at_ms < \(to.milliseconds)" }
        if !filter.search.isEmpty {
            let pattern = "%" + escaped(filter.search.lowercased()) + "%"
            condition += """
                 AND lower(actor || ' ' || action || ' ' || subject || ' ' || detail) LIKE \(pattern) ESCAPE '!'
                """
        }
        return condition
    }

    private static func load(_ condition: SQL, _ limit: Int, _ connection: any SQLConnection) throws -> [Entry] {
        try connection.query(
            """
            SELECT id, at_ms, actor, action, subject, detail, hash FROM audit_log WHERE \(condition) LIMIT \(limit)
            """
        ).map(entry)
    }

    private static let wordsMax = 200

    /// Every actor, or every action, that occurs. Throws: `StorageError`.
    package static func actors(_ connection: any SQLConnection) throws -> [String] {
        try words("actor", connection)
    }

    package static func actions(_ connection: any SQLConnection) throws -> [String] {
        try words("action", connection)
    }

    /// From value to value of the index, not from row to row.
    private static func words(_ column: String, _ connection: any SQLConnection) throws -> [String] {
        var words: [String] = []
        while words.count < wordsMax {
            let last = words.last ?? ""
            let row = try connection.first(
                "SELECT min(\(raw: column)) FROM audit_log WHERE \(raw: column) > \(last)")
            guard let next = try row?.textOrNil(0) else { break }
            words.append(next)
        }
        return words
    }

    static func entries(after id: Int64, limit: Int, _ connection: any SQLConnection) throws -> [Entry] {
        try connection.query(
            """
            SELECT id, at_ms, actor, action, subject, detail, hash FROM audit_log
            WHERE id > \(id) ORDER BY id LIMIT \(limit)
            """
        ).map(entry)
    }

    /// What the hash of an entry has to be.
    static func hash(of entry: Entry, after previous: String) -> String {
        chain(
            after: previous, at: entry.at, actor: entry.actor, action: entry.action, subject: entry.subject,
            detail: entry.detail)
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
