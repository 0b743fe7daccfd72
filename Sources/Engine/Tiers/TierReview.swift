import Storage

/// Decides anew about members whose facts changed, in the open transaction.
package enum TierReview {
    /// Time comes first, then what was reached. Append the events that it returns to the log. Nothing happens while no
    /// ladder is published. Throws: `StorageError`.
    package static func review(
        members: [Int64], _ cause: TierChange.Cause = .activity, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        try change(members: members, at: now, connection) { $0.bringUpToDate(cause) }
    }

    /// The same with what is to be done; segments follow.
    static func change(
        members: [Int64], at now: Timestamp, _ connection: any SQLConnection, _ body: (inout TierBatch) throws -> Void
    ) throws -> [SystemEvent] {
        guard !members.isEmpty, let published = try TierLadders.current(connection) else { return [] }
        var batch = try TierBatch(members, published, at: now, connection)
        try body(&batch)
        var events = try batch.save(connection)
        events += try SegmentReview.review(Set(batch.moved.keys), at: now, connection)
        return events
    }

    /// Accounts of these people that are open. Throws: `StorageError`.
    static func members(of profiles: [Int64], _ connection: any SQLConnection) throws -> [Int64] {
        try connection.queryMany(
            "SELECT id FROM points_accounts WHERE profile_id = ? AND closed_ms IS NULL",
            profiles.map { [.integer($0)] }
        ).compactMap { try $0.first?.int(0) }
    }
}
