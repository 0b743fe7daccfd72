import Storage

extension MergeRecord {
    /// Notes visits of a loser that were counted only after the merge, so that undoing it gives them back.
    static func addVisit(
        _ visit: ProfileVisit, toLoser loserID: Int64, _ connection: any SQLConnection
    ) throws {
        let row = try connection.first(
            """
            SELECT id, detail FROM profile_merges WHERE loser_id = \(loserID) AND undone_ms IS NULL \
            ORDER BY id DESC LIMIT 1\(raw: connection.dialect.forUpdate)
            """)
        guard let row else { return }
        var detail = try MergeDetail(parsing: try row.text(1))
        detail.loserBefore.eventCount += visit.count
        detail.loserBefore.lastSeenMS = max(detail.loserBefore.lastSeenMS, visit.lastMS)
        try connection.execute(
            "UPDATE profile_merges SET detail = \(try detail.text()) WHERE id = \(try row.int(0))")
    }
}
