import Storage

/// The record of who moved where, when and why.
package enum TierHistory {
    package struct Entry: Sendable, Equatable {
        package var member: Int64
        /// 0 once the person was erased.
        package var profile: Int64
        package var ladder: Int64
        package var change: TierChange
    }

    private static let columns = """
        member_id, profile_id, number, at_ms, from_tier, to_tier, is_up, cause, ladder, evidence, counterfactual
        """

    static func save(
        _ entries: [(row: TierRow, change: TierChange)], ladder: Int64, _ connection: any SQLConnection
    ) throws {
        try connection.executeMany(
            "INSERT INTO tier_history (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            try entries.map { row, change in
                [
                    .integer(row.member), .integer(row.profile), .integer(change.number),
                    .integer(change.at.milliseconds), change.from.sqlValue, .text(change.to), change.isUp.sqlValue,
                    .text(change.cause.rawValue), .integer(ladder), .text(try StoredDocument.text(change.evidence)),
                    try change.counterfactual.map { try StoredDocument.text($0) }.sqlValue,
                ]
            })
    }

    /// Tiers that the newest change of a member took at the end of a period. Throws: `StorageError`, `DecodingError`.
    static func lapses(of rows: [TierRow], _ connection: any SQLConnection) throws -> [Int64: TierLapse] {
        let fallen = rows.filter { $0.state.changes > 1 }
        guard !fallen.isEmpty else { return [:] }
        let answers = try connection.queryMany(
            """
            SELECT evidence FROM tier_history WHERE member_id = ? AND number = ?
            AND cause = '\(TierChange.Cause.periodEnd.rawValue)'
            """, fallen.map { [.integer($0.member), .integer($0.state.changes)] })
        var lapses: [Int64: TierLapse] = [:]
        for (row, found) in zip(fallen, answers) {
            guard let text = try found.first?.text(0) else { continue }
            let evidence = try StoredDocument.value(TierEvidence.self, from: text)
            guard let tier = evidence.tier, let from = evidence.from, let to = evidence.to else { continue }
            lapses[row.member] = TierLapse(number: row.state.changes, tier: tier, from: from, to: to)
        }
        return lapses
    }

    /// One member's, the newest first. Throws: `StorageError`, `DecodingError`.
    package static func list(
        member: Int64, before number: Int64 = .max, limit: Int, _ connection: any SQLConnection
    ) throws -> [Entry] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM tier_history WHERE member_id = \(member) AND number < \(number)
            ORDER BY number DESC LIMIT \(limit)
            """
        ).map(entry)
    }

    /// Everybody's between two moments, the newest first. Throws: `StorageError`, `DecodingError`.
    package static func list(
        from start: Timestamp, to end: Timestamp, isUp: Bool? = nil, limit: Int, _ connection: any SQLConnection
    ) throws -> [Entry] {
        var sql: SQL = """
            SELECT \(raw: columns) FROM tier_history WHERE at_ms >= \(start.milliseconds)
            AND at_ms < \(end.milliseconds) AND from_tier IS NOT NULL
            """
        if let isUp { sql += " AND is_up = \(isUp ? 1 : 0)" }
        sql += " ORDER BY at_ms DESC, member_id DESC, number DESC LIMIT \(limit)"
        return try connection.query(sql).map(entry)
    }

    static func entry(_ row: SQLRow) throws -> Entry {
        Entry(
            member: try row.int(0), profile: try row.int(1), ladder: try row.int(8),
            change: TierChange(
                number: try row.int(2), at: Timestamp(milliseconds: try row.int(3)), from: try row.textOrNil(4),
                to: try row.text(5), cause: TierChange.Cause(rawValue: try row.text(7)) ?? .activity,
                isUp: try row.bool(6), evidence: try StoredDocument.value(TierEvidence.self, from: try row.text(9)),
                counterfactual: try row.textOrNil(10).map {
                    try StoredDocument.value(TierCounterfactual.self, from: $0)
                }))
    }
}
