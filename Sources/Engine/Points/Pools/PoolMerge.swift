import Storage

/// Pools follow their people: a membership goes with the account that stays; in two pools, the one of the account that goes
/// is left; who is erased leaves first, so that what is left of what they put in is forfeited with the rest.
enum PoolMerge {
    /// Before the accounts are merged. Returns what it says. Throws: `PointsError`, `StorageError`.
    static func follow(
        _ loser: Int64, into winner: Int64, merge: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let known = try pools(of: [loser], connection)
        guard !known.isEmpty else { return [] }
        // Everything that the merge touches, in one go and in order.
        let theirs = try PoolRows.membership(of: loser, connection)
        let loaded = try PointsAccountRows.load(
            [loser, winner] + known, theirs == nil ? .balances : .open, connection)
        let own = try PoolRows.membership(of: winner, connection)
        var events: [SystemEvent] = []
        var kinds = Dictionary(known.map { ($0, "none") }) { first, _ in first }
        if let theirs {
            if own == nil {
                try PoolRows.hand(loser, to: winner, swept: loaded[winner]?.account.sequence ?? 0, connection)
                kinds[theirs.pool] = "moved"
            } else if var own, own.pool == theirs.pool {
                own.isOwner = own.isOwner || theirs.isOwner
                own.maySpend = own.maySpend || theirs.maySpend
                try PoolRows.remove(loser, connection)
                try PoolRows.update(own, connection)
                kinds[theirs.pool] = "joined"
            } else {
                var batch = PointsBatch(loaded, try PointsProgram.load(connection), at: now)
                try batch.advance()
                _ = try PoolDeparture.run([loser], from: theirs.pool, &batch, connection)
                events += try batch.save(request: nil, connection)
            }
        }
        for pool in known {
            let lots = try PoolRows.lots(of: loser, in: pool, all: true, connection).sorted()
            try connection.execute(
                """
                INSERT INTO points_pool_moves (merge_id, pool_id, membership, lots)
                VALUES (\(merge), \(pool), \(kinds[pool] ?? "none"),
                    \(JSONValue.array(lots.map { .integer($0) }).text()))
                """)
        }
        try connection.execute("UPDATE points_pool_lots SET account_id = \(winner) WHERE account_id = \(loser)")
        try connection.execute(
            """
            UPDATE points_pool_invitations SET account_id = \(winner) WHERE account_id = \(loser) AND state = 'open'
            """)
        return events
    }

    /// Pools that a merge moved something of: to be locked with its accounts. Throws: `StorageError`.
    static func touched(by merge: Int64, _ connection: any SQLConnection) throws -> [Int64] {
        try connection.query("SELECT pool_id FROM points_pool_moves WHERE merge_id = \(merge)").map { try $0.int(0) }
    }

    /// After the merge was undone: memberships and what was put in are whose they were, and whoever is in a pool no more
    /// has back what is left of theirs. Returns what it says. Throws: `PointsError`, `StorageError`.
    static func undo(
        _ merge: Int64, loser: Int64, winner: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let rows = try connection.query(
            "SELECT pool_id, membership, lots FROM points_pool_moves WHERE merge_id = \(merge)")
        guard !rows.isEmpty else { return [] }
        let pools = try rows.map { try $0.int(0) }
        let loaded = try PointsAccountRows.load([winner, loser] + pools, .open, connection)
        for row in rows {
            let (pool, kind) = (try row.int(0), try row.text(1))
            let lots = (try JSONValue(parsing: row.text(2)).arrayValue ?? []).compactMap(\.intValue)
            try connection.executeMany(
                "UPDATE points_pool_lots SET account_id = ? WHERE pool_id = ? AND lot = ? AND account_id = ?",
                lots.map { [.integer(loser), .integer(pool), .integer($0), .integer(winner)] })
            guard let own = try PoolRows.membership(of: winner, connection), own.pool == pool,
                try PoolRows.membership(of: loser, connection) == nil, let swept = loaded[loser]?.account.sequence
            else { continue }
            if kind == "moved" {
                try PoolRows.hand(winner, to: loser, swept: swept, connection)
            } else if kind == "joined", try PoolRows.members(of: pool, connection).count < PoolLimits.members {
                try PoolRows.insert(
                    PoolRows.Membership(
                        pool: pool, account: loser, isOwner: false, maySpend: own.maySpend, share: 0, swept: swept,
                        joinedAt: now), connection)
            }
        }
        try connection.execute("DELETE FROM points_pool_moves WHERE merge_id = \(merge)")
        var batch = PointsBatch(loaded, try PointsProgram.load(connection), at: now)
        try batch.advance()
        for pool in pools {
            for account in [winner, loser] where try PoolRows.membership(of: account, connection)?.pool != pool {
                let lots = try PoolRows.lots(of: account, in: pool, connection)
                guard !lots.isEmpty else { continue }
                try batch.handBack(lots, of: pool, to: account, as: "parted:\(merge):\(account)")
            }
        }
        return try batch.save(request: nil, connection)
    }

    /// Before the accounts are forfeited. Throws: `PointsError`, `StorageError`.
    static func forget(_ accounts: [Int64], at now: Timestamp, _ connection: any SQLConnection) throws {
        let theirs = try accounts.compactMap { try PoolRows.membership(of: $0, connection) }
        if !theirs.isEmpty {
            let loaded = try PointsAccountRows.load(accounts + theirs.map(\.pool), .open, connection)
            var batch = PointsBatch(loaded, try PointsProgram.load(connection), at: now)
            try batch.advance()
            for (pool, members) in Dictionary(grouping: theirs, by: \.pool).sorted(by: { $0.key < $1.key }) {
                let isOver = try PoolDeparture.run(members.map(\.account), from: pool, &batch, connection)
                // Its name was theirs.
                if isOver { try connection.execute("UPDATE points_pools SET name = '' WHERE id = \(pool)") }
            }
            _ = try batch.save(request: nil, connection)
        }
        try connection.execute("UPDATE points_pool_lots SET account_id = 0 WHERE account_id IN (\(list: accounts))")
        try connection.execute("DELETE FROM points_pool_invitations WHERE account_id IN (\(list: accounts))")
    }

    /// Pools that accounts are in, or have put something into.
    private static func pools(of accounts: [Int64], _ connection: any SQLConnection) throws -> [Int64] {
        try connection.query(
            """
            SELECT pool_id FROM points_pool_members WHERE account_id IN (\(list: accounts))
            UNION SELECT pool_id FROM points_pool_lots WHERE account_id IN (\(list: accounts)) ORDER BY 1
            """
        ).map { try $0.int(0) }
    }

    /// The account that an account has become by merges; itself where there was none. Throws: `StorageError`.
    static func holder(of account: Int64, _ connection: any SQLConnection) throws -> Int64 {
        var holder = account
        for _ in 0..<PoolLimits.mergesFollowed {
            let row = try connection.first(
                """
                SELECT winner_account FROM points_merges
                WHERE loser_account = \(holder) AND winner_account <> \(holder) AND undone_ms IS NULL
                """)
            guard let row else { break }
            holder = try row.int(0)
        }
        return holder
    }
}
