import Storage

/// What events of one person add up to that changed nothing else of them.
package struct ProfileVisit: Sendable, Equatable {
    package var profileID: Int64
    package var count: Int64
    package var lastMS: Int64

    package init(profileID: Int64, count: Int64, lastMS: Int64) {
        self.profileID = profileID
        self.count = count
        self.lastMS = lastMS
    }
}

/// Counts visits on profiles, many at once: a page of the store that holds several people is then written once for all.
package enum ProfileVisits {
    private static let mergeStepsMax = 32

    /// Adds the visits, given in ascending order of ids. Visits of people who were merged away since count for who they
    /// became, and come back to them when the merge is undone; those of the erased count for nobody.
    package static func count(_ visits: [ProfileVisit], _ connection: any SQLConnection) throws {
        let changed = try connection.executeMany(
            """
            UPDATE profiles SET event_count = event_count + ?, \
            last_seen_ms = CASE WHEN last_seen_ms < ? THEN ? ELSE last_seen_ms END, version = version + 1 \
            WHERE id = ? AND merged_into IS NULL AND deleted_ms IS NULL
            """,
            visits.map {
                [.integer($0.count), .integer($0.lastMS), .integer($0.lastMS), .integer($0.profileID)]
            })
        for (visit, count) in zip(visits, changed) where count == 0 { try follow(visit, connection) }
    }

    private static func follow(_ visit: ProfileVisit, _ connection: any SQLConnection) throws {
        var current = visit.profileID
        for _ in 0..<mergeStepsMax {
            let row = try connection.first("SELECT merged_into FROM profiles WHERE id = \(current)")
            guard let next = try row?.intOrNil(0) else { break }
            try MergeRecord.addVisit(visit, toLoser: current, connection)
            current = next
        }
        guard current != visit.profileID else { return }
        try count([ProfileVisit(profileID: current, count: visit.count, lastMS: visit.lastMS)], connection)
    }
}
