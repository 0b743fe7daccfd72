import Storage

/// One row of `profile_merges`.
package struct MergeRecord: Sendable, Equatable {
    package var id: Int64
    package var winnerID: Int64
    package var loserID: Int64
    package var atMS: Int64
    package var rule: MergeRule
    /// The log position that proved it; 0 for a merge by hand.
    package var evidence: Int64
    package var detail: MergeDetail
    package var undoneMS: Int64?

    static func save(_ records: [MergeRecord], _ connection: any SQLConnection) throws {
        guard !records.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO profile_merges (id, winner_id, loser_id, at_ms, rule, evidence, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            try records.map { record in
                [
                    .integer(record.id), .integer(record.winnerID), .integer(record.loserID), .integer(record.atMS),
                    .text(record.rule.rawValue), .integer(record.evidence), .text(try record.detail.text()),
                ]
            })
    }
}
