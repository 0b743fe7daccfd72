import Storage

/// Time passes for tiers: periods and grace end, grants end, notices go out. Who was due while nothing ran is caught up in
/// order, each change dated when it was due.
package enum TierClock {
    package static let handler = JobHandler(kind: "tier_clock", schedule: .every(seconds: 30)) { context in
        var done: Int64 = 0
        while true {
            let moved = try await run(context)
            done += Int64(moved)
            if moved < TierLimits.batchMembers { break }
        }
        return try StoredDocument.text(["members": done])
    }

    private static func run(_ context: JobContext) async throws -> Int {
        let effects = context.platform.effects
        return try await context.write { try pass($0, limit: TierLimits.batchMembers, effects: effects) }
    }

    /// One transaction's worth. Returns how many members were due. Throws: `StorageError`.
    static func pass(_ connection: any SQLConnection, limit: Int, effects: Effects) throws -> Int {
        let now = effects.now()
        let members = try connection.query(
            """
            SELECT member_id FROM tier_members WHERE due_ms <= \(now.milliseconds) AND due_ms IS NOT NULL
            ORDER BY due_ms, member_id LIMIT \(limit)\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map { try $0.int(0) }
        guard !members.isEmpty else { return 0 }
        let events = try TierReview.review(members: members, at: now, connection)
        try TierGrants.close(at: now, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        return members.count
    }
}
