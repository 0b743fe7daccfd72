import Storage

/// Tiers follow their people: where two members turn out to be one, the higher tier stays and both histories say so. Where
/// only one of them is a member nothing moves; the account, and the tier with it, changes hands.
package enum TierMerge {
    /// What a member had, to be given back.
    private struct Before: Codable {
        var earned: String
        var periodStart: Int64
        var periodEnd: Int64
        var graceEnd: Int64?
        var noticedTo: Int64
        var grant: TierGrant?

        init(_ state: TierState) {
            earned = state.earned
            (periodStart, periodEnd) = (state.periodStart, state.periodEnd)
            (graceEnd, noticedTo, grant) = (state.graceEnd, state.noticedTo, state.grant)
        }

        func restored(over state: TierState) -> TierState {
            var state = state
            state.earned = earned
            (state.periodStart, state.periodEnd) = (periodStart, periodEnd)
            (state.graceEnd, state.noticedTo, state.grant) = (graceEnd, noticedTo, grant)
            return state
        }
    }

    /// Call when the accounts have been merged, with merges in the order in which they happened. Returns what it says.
    /// Throws: `StorageError`.
    static func follow(
        _ merges: [MergeRecord], at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        guard !merges.isEmpty, let published = try TierLadders.current(connection) else { return [] }
        var events: [SystemEvent] = []
        for merge in merges {
            try TierProfiles.note([merge.loserID: (nil, nil)], connection)
            let accounts = try connection.first(
                "SELECT winner_account, loser_account FROM points_merges WHERE merge_id = \(merge.id)")
            guard let accounts else {
                // The other was no member, and brought orders.
                let members = try TierReview.members(of: [merge.winnerID], connection)
                events += try TierReview.review(members: members, at: now, connection)
                continue
            }
            let (winner, loser) = (try accounts.int(0), try accounts.int(1))
            events +=
                try winner == loser
                ? hand(winner, to: merge.winnerID, published, at: now, connection)
                : join(loser, to: winner, merge, published, at: now, connection)
        }
        return events
    }

    private static func hand(
        _ member: Int64, to profile: Int64, _ published: TierLadders.Published, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        try connection.execute("UPDATE tier_members SET profile_id = \(profile) WHERE member_id = \(member)")
        try connection.execute("UPDATE tier_history SET profile_id = \(profile) WHERE member_id = \(member)")
        let events = try TierReview.review(members: [member], at: now, connection)
        if let row = try TierRow.load([member], connection).first {
            try TierProfiles.note([profile: (row.state.tier, row.state.since)], connection)
        }
        return events
    }

    private static func join(
        _ loser: Int64, to winner: Int64, _ merge: MergeRecord, _ published: TierLadders.Published, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        guard let theirs = try TierRow.load([loser], connection).first else { return [] }
        var before: [Before] = []
        let events = try TierReview.change(members: [winner], at: now, connection) { batch in
            batch.run { _, course in
                before.append(Before(course.state))
                course.join(theirs.state, merge: merge.id, at: now)
            }
            // Orders and points of both count together from now on.
            batch.bringUpToDate()
        }
        guard let own = before.first, let after = try TierRow.load([winner], connection).first else { return events }
        try connection.execute(
            """
            INSERT INTO tier_merges (merge_id, winner_member, loser_member, winner_before, loser_before, winner_changes)
            VALUES (\(merge.id), \(winner), \(loser), \(try StoredDocument.text(own)),
                \(try StoredDocument.text(Before(theirs.state))), \(after.state.changes))
            """)
        // The other history ends by saying where it goes on.
        var ended = theirs
        ended.state.changes += 1
        var evidence = TierEvidence()
        evidence.reference = merge.id
        let change = TierChange(
            number: ended.state.changes, at: now, from: theirs.state.tier, to: after.state.tier, cause: .merge,
            isUp: true, evidence: evidence)
        ended.profile = 0
        try TierRow.save([(ended, nil)], connection)
        try TierHistory.save([(ended, change)], ladder: published.version, connection)
        try BenefitGrants.move(from: loser, to: winner, profile: merge.winnerID, connection)
        return events
    }

    /// The way back. Returns what it says. Throws: `StorageError`.
    static func undo(
        _ mergeID: Int64, winner winnerID: Int64, loser loserID: Int64, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        guard let published = try TierLadders.current(connection) else { return [] }
        let row = try connection.first(
            """
            SELECT winner_member, loser_member, winner_before, loser_before, winner_changes FROM tier_merges
            WHERE merge_id = \(mergeID) AND undone_ms IS NULL
            """)
        guard let row else {
            return try returned(mergeID, winner: winnerID, loser: loserID, published, at: now, connection)
        }
        let (winner, loser) = (try row.int(0), try row.int(1))
        let winnerBefore = try StoredDocument.value(Before.self, from: try row.text(2))
        let loserBefore = try StoredDocument.value(Before.self, from: try row.text(3))
        let changes = try row.int(4)
        try connection.execute(
            "UPDATE tier_merges SET undone_ms = \(now.milliseconds) WHERE merge_id = \(mergeID)")
        try connection.execute("UPDATE tier_members SET profile_id = \(loserID) WHERE member_id = \(loser)")
        let events = try TierReview.change(members: [winner, loser], at: now, connection) { batch in
            batch.run { member, course in
                if member == loser {
                    course.part(loserBefore.restored(over: course.state), merge: mergeID, at: now)
                } else if course.state.changes == changes {
                    course.part(winnerBefore.restored(over: course.state), merge: mergeID, at: now)
                }
            }
            batch.bringUpToDate()
        }
        // Who was nobody in between has the columns of a person again.
        for row in try TierRow.load([loser], connection) {
            try TierProfiles.note([loserID: (row.state.tier, row.state.since)], connection)
        }
        return events
    }

    /// The account had only changed hands, and did again.
    private static func returned(
        _ mergeID: Int64, winner: Int64, loser: Int64, _ published: TierLadders.Published, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let members = try TierReview.members(of: [loser], connection)
        guard let member = members.first, try TierReview.members(of: [winner], connection).isEmpty else { return [] }
        try TierProfiles.note([winner: (nil, nil)], connection)
        return try hand(member, to: loser, published, at: now, connection)
    }

    /// The person was erased: where somebody stood stays as nobody's, in figures alone. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        let members = try connection.query(
            "SELECT member_id FROM tier_members WHERE profile_id IN (\(list: profileIDs))"
        ).map { try $0.int(0) }
        guard !members.isEmpty else { return }
        try connection.execute(
            "UPDATE tier_members SET profile_id = 0, due_ms = NULL WHERE member_id IN (\(list: members))")
        // Reasons and returned orders may say who it was.
        try connection.execute(
            """
            UPDATE tier_history SET profile_id = 0, evidence = '{}', counterfactual = NULL
            WHERE member_id IN (\(list: members))
            """)
        try connection.execute(
            "UPDATE tier_grants SET reason = '', author = '' WHERE member_id IN (\(list: members))")
        try BenefitGrants.forget(members, connection)
    }
}
