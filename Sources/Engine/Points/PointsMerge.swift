import Storage

/// Accounts follow their people: what two people who turn out to be one have is moved by a transaction in both
/// statements, in the transaction of the merge. Where only one of them is a member nothing moves; the account changes
/// hands.
package enum PointsMerge {
    /// Call with merges in the order in which they happened. Returns what it says. Throws: `PointsError`,
    /// `StorageError`.
    static func follow(
        _ merges: [MergeRecord], at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        var events: [SystemEvent] = []
        for merge in merges {
            guard let loser = try account(of: merge.loserID, connection) else { continue }
            if let winner = try account(of: merge.winnerID, connection) {
                events += try PoolMerge.follow(loser, into: winner, merge: merge.id, at: now, connection)
                events += try move(loser, to: winner, merge, at: now, connection)
            } else {
                try hand(loser, to: merge.winnerID, connection)
                try note(merge, winner: loser, loser: loser, connection)
            }
        }
        return events
    }

    /// The way back. Returns what it says. Throws: `PointsError`, `StorageError`.
    static func undo(_ mergeID: Int64, at now: Timestamp, _ connection: any SQLConnection) throws -> [SystemEvent] {
        let row = try connection.first(
            """
            SELECT winner_account, loser_account, loser_id FROM points_merges
            WHERE merge_id = \(mergeID) AND undone_ms IS NULL
            """)
        guard let row else { return [] }
        let (winner, loser, person) = (try row.int(0), try row.int(1), try row.int(2))
        try connection.execute(
            "UPDATE points_merges SET undone_ms = \(now.milliseconds) WHERE merge_id = \(mergeID)")
        guard winner != loser else {
            try hand(loser, to: person, connection)
            return []
        }
        // Everything that this touches, in order.
        _ = try PointsAccountRows.load(
            [winner, loser] + PoolMerge.touched(by: mergeID, connection), .balances, connection)
        // The emptied account is the person's again and takes back what is left of what it brought.
        try connection.execute(
            "UPDATE points_accounts SET profile_id = \(person), closed_ms = NULL WHERE id = \(loser)")
        let lots = try lotsBrought(by: "merge_in:\(mergeID):", to: winner, connection)
        var batch = PointsBatch(
            try PointsAccountRows.load([winner, loser], .everything, connection), try PointsProgram.load(connection),
            at: now)
        try batch.advance()
        var estates: [PointsAccount.Estate] = []
        try batch.change(winner) {
            estates = try $0.mergeBack(lots: lots, to: loser, as: String(mergeID), at: now)
        }
        try batch.change(loser) { account in
            for estate in estates { try account.mergeIn(estate, from: winner, as: "back-\(mergeID)", at: now) }
        }
        let events = try batch.save(request: nil, connection)
        return events + (try PoolMerge.undo(mergeID, loser: loser, winner: winner, at: now, connection))
    }

    /// The person was erased: what is left is the brand's again; the statement stays as nobody's.
    /// Throws: `PointsError`, `StorageError`.
    static func forget(_ profileIDs: [Int64], at now: Timestamp, _ connection: any SQLConnection) throws {
        let ids = try connection.query(
            "SELECT id FROM points_accounts WHERE profile_id IN (\(list: profileIDs)) ORDER BY id"
        ).map { try $0.int(0) }
        guard !ids.isEmpty else { return }
        try PoolMerge.forget(ids, at: now, connection)
        let loaded = try PointsAccountRows.load(ids, .everything, connection)
        var batch = PointsBatch(loaded, try PointsProgram.load(connection), at: now)
        try batch.advance()
        for id in batch.accounts.keys.sorted() where batch.accounts[id]?.isClosed == false {
            try batch.change(id) { try $0.forfeit(as: "erased-\(id)", at: now) }
        }
        _ = try batch.save(request: nil, connection)
        try connection.execute("UPDATE points_accounts SET profile_id = 0 WHERE id IN (\(list: ids))")
    }

    private static func move(
        _ loser: Int64, to winner: Int64, _ merge: MergeRecord, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        var batch = PointsBatch(
            try PointsAccountRows.load([winner, loser], .everything, connection), try PointsProgram.load(connection),
            at: now)
        try batch.advance()
        var estates: [PointsAccount.Estate] = []
        let id = String(merge.id)
        try batch.change(loser) { estates = try $0.mergeOut(to: winner, as: id, at: now) }
        try batch.change(winner) { account in
            for estate in estates { try account.mergeIn(estate, from: loser, as: id, at: now) }
        }
        let events = try batch.save(request: nil, connection)
        try note(merge, winner: winner, loser: loser, connection)
        return events
    }

    private static func account(of profile: Int64, _ connection: any SQLConnection) throws -> Int64? {
        try connection.first("SELECT id FROM points_accounts WHERE profile_id = \(profile) AND closed_ms IS NULL")?.int(
            0)
    }

    private static func hand(_ account: Int64, to profile: Int64, _ connection: any SQLConnection) throws {
        try connection.execute("UPDATE points_accounts SET profile_id = \(profile) WHERE id = \(account)")
    }

    private static func note(
        _ merge: MergeRecord, winner: Int64, loser: Int64, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            INSERT INTO points_merges (merge_id, winner_account, loser_account, loser_id)
            VALUES (\(merge.id), \(winner), \(loser), \(merge.loserID))
            """)
    }

    private static func lotsBrought(
        by key: String, to account: Int64, _ connection: any SQLConnection
    ) throws -> Set<Int64> {
        // The keys of one merge lie side by side: `merge_in:ID:CURRENCY`.
        let rows = try connection.query(
            """
            SELECT document, hash FROM points_transactions
            WHERE transaction_key >= \(key) AND transaction_key < \(key + "~") AND account_id = \(account)
            """)
        return Set(
            try rows.flatMap { row in
                let transaction = try PointsTransaction(parsing: row.text(0), hash: row.text(1))
                // A lot that was there before can only have repaid what the other owed.
                let repaid = transaction.entries.filter { $0.ledger == .owed }.map(\.lot)
                let moved = transaction.entries.filter { $0.ledger == .transferred }.map(\.lot)
                let before = Set(repaid).subtracting(moved)
                return transaction.lots.map(\.number).filter { !before.contains($0) }
            })
    }
}
