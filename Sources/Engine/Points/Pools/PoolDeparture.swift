import Storage

/// Members who leave a pool, in the open transaction, with everything locked.
enum PoolDeparture {
    /// Moves back to each what is left of what they put in, finds an owner among those who stay, and ends the pool when
    /// nobody does. The batch is still to be saved. Returns whether the pool is over. Throws: `PointsError`,
    /// `StorageError`.
    static func run(
        _ leaving: [Int64], from pool: Int64, _ batch: inout PointsBatch, _ connection: any SQLConnection
    ) throws -> Bool {
        let now = batch.now
        for account in leaving.sorted() {
            let lots = try PoolRows.lots(of: account, in: pool, connection)
            let number = batch.accounts[pool]?.sequence ?? 0
            try batch.handBack(lots, of: pool, to: account, as: "leave:\(pool):\(account):\(number)")
            try PoolRows.remove(account, connection)
        }
        let staying = try PoolRows.members(of: pool, connection)
        guard staying.isEmpty else {
            if !staying.contains(where: \.isOwner), var first = staying.first {
                (first.isOwner, first.maySpend) = (true, true)
                try PoolRows.update(first, connection)
            }
            return false
        }
        // What nobody can have any more is the brand's again.
        try batch.change(pool) { try $0.forfeit(as: "pool:\(pool)", at: now) }
        try connection.execute(
            "UPDATE points_pools SET dissolved_ms = \(now.milliseconds) WHERE id = \(pool)")
        try connection.execute(
            """
            UPDATE points_pool_invitations SET state = 'withdrawn', decided_ms = \(now.milliseconds)
            WHERE pool_id = \(pool) AND state = 'open'
            """)
        return true
    }
}

extension PointsBatch {
    /// What is left of lots of a pool goes to the member who put them in. Throws: `PointsError`.
    mutating func handBack(_ lots: Set<Int64>, of pool: Int64, to member: Int64, as command: String) throws {
        let (now, calendar) = (now, program.calendar)
        var handed: [(currency: String, parcels: [PointsParcel])] = []
        try change(pool) { handed = try $0.handBack(lots, to: member, as: command, at: now) }
        for (code, parcels) in handed {
            let currency = try program.currency(code)
            try change(member) { try $0.takeBack(parcels, from: pool, as: command, currency, calendar, at: now) }
        }
    }

    /// A member puts points into a pool; `chosen`: of these lots. Throws: `PoolError.notPoolable`, `PointsError`.
    mutating func contribute(
        _ amount: Int64, of chosen: [PointsShare]? = nil, _ code: String, from member: Int64, to pool: Int64,
        as command: String, note: [String: String] = [:], _ connection: any SQLConnection
    ) throws {
        let (now, calendar) = (now, program.calendar)
        let currency = try program.currency(code)
        guard currency.isPoolable else { throw PoolError.notPoolable(currency: code) }
        var parcels: [PointsParcel] = []
        try change(member) {
            parcels = try $0.contribute(
                amount, of: chosen, to: pool, as: command, note: note, currency, calendar, at: now)
        }
        var lots: [Int64] = []
        try change(pool) {
            lots = try $0.takeIn(parcels, from: member, as: command, note: note, currency, calendar, at: now)
        }
        try PoolRows.note(lots, of: member, in: pool, connection)
    }
}
