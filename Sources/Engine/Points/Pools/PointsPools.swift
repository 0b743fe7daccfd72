import Storage

/// Making, joining, changing and ending pools; what goes in and out of them are commands of the ledger
/// (`PointsCommand.contribute`, `.spendPool`).
///
/// Invariants: whoever changes who is in a pool has the pool's account locked, and the member's, in the order of their
/// ids; nobody joins but who accepted an invitation.
package enum PointsPools {
    /// Throws: `PoolError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> PointsPool {
        let head = try PoolRows.head(id, connection)
        let account = try PointsAccounts.pool(id, connection)
        let left = try PoolRows.left(in: id, connection)
        return PointsPool(
            id: id, name: head.name, createdAt: head.createdAt, dissolvedAt: head.dissolvedAt,
            members: try PoolRows.members(of: id, connection).map { member in
                PointsPool.Member(
                    account: member.account, isOwner: member.isOwner, maySpend: member.maySpend, share: member.share,
                    joinedAt: member.joinedAt, left: left[member.account] ?? [:])
            }, balances: account.balances, sequence: account.sequence, hash: account.hash)
    }

    /// The pool that a member is in; nil: none. Throws: `StorageError`.
    package static func of(_ account: Int64, _ connection: any SQLConnection) throws -> PointsPool? {
        try PoolRows.membership(of: account, connection).map { try get($0.pool, connection) }
    }

    /// What a member may spend of their pool, by currency; nil of who is in none, or may not. Throws: `StorageError`.
    package static func spendable(
        by account: Int64, _ connection: any SQLConnection
    ) throws -> (pool: Int64, balances: [String: PointsBalance])? {
        guard let member = try PoolRows.membership(of: account, connection), member.maySpend else { return nil }
        return (member.pool, try PointsAccounts.pool(member.pool, connection).balances)
    }

    /// Makes a pool, whose owner the member is. `key` stands for it for all time: the same again is answered as it
    /// stands. Throws: `PoolError`, `PointsError`, `StorageError`.
    package static func create(
        _ name: String, by account: Int64, key: String, actor: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> (pool: PointsPool, isRepeat: Bool) {
        let name = try checked(name)
        guard (1...PointsLimits.keyBytes).contains(key.utf8.count) else { throw PoolError.key(key) }
        let request = Digest.sha256(JSONValue.array([.string(name), .integer(account)]).utf8Text())
        let now = effects.now()
        let loaded = try PointsAccountRows.load([account], .balances, connection)
        if let known = try PoolRows.keyed(key, connection) {
            guard known.hash == request else { throw PoolError.keyReused(key) }
            return (try get(known.pool, connection), true)
        }
        let member = try open(account, loaded)
        guard try PoolRows.membership(of: account, connection) == nil else { throw PoolError.inPool }
        let id = effects.newID()
        try connection.execute(
            """
            INSERT INTO points_accounts (id, profile_id, number, opened_ms, sequence, hash, last_ms, lots_opened, is_pool)
            VALUES (\(id), 0, \("pool-\(id)"), \(now.milliseconds), 0, \(PointsTransaction.firstHash), 0, 0, 1)
            """)
        let isNew = try connection.execute(
            """
            INSERT INTO points_pools (id, name, pool_key, request_hash, created_ms)
            VALUES (\(id), \(name), \(key), \(request), \(now.milliseconds)) ON CONFLICT DO NOTHING
            """)
        guard isNew == 1 else { throw PoolError.keyReused(key) }
        try PoolRows.insert(
            PoolRows.Membership(
                pool: id, account: account, isOwner: true, maySpend: true, share: 0, swept: member.sequence,
                joinedAt: now), connection)
        try AuditLog.append(
            actor: actor, action: "pool.create", subject: "pool:\(id)", detail: "member \(account)", connection, at: now
        )
        try say(PoolEvents.joined, to: [account], of: id, at: now, effects, connection)
        return (try get(id, connection), false)
    }

    /// What may be changed of a member of a pool; nil: stays.
    package struct Change: Sendable, Equatable {
        package var maySpend: Bool?
        package var share: Int64?
        /// Owner in place of who is it now.
        package var becomesOwner: Bool

        package init(maySpend: Bool? = nil, share: Int64? = nil, becomesOwner: Bool = false) {
            self.maySpend = maySpend
            self.share = share
            self.becomesOwner = becomesOwner
        }
    }

    /// `by`: the member who asks, who changes others only as owner, and never what they share; nil: the brand.
    /// Throws: `PoolError`, `PointsError`, `StorageError`.
    package static func change(
        _ change: Change, of account: Int64, in pool: Int64, by member: Int64?, actor: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> PointsPool {
        if let share = change.share, !(0...PoolLimits.shareMax).contains(share) {
            throw PoolError.share(limit: PoolLimits.shareMax)
        }
        let now = effects.now()
        var batch = try locked(pool, [account], at: now, connection)
        var own = try membership(account, in: pool, connection)
        if let member {
            let asks = try membership(member, in: pool, connection)
            guard asks.isOwner || (member == account && change.maySpend == nil && !change.becomesOwner) else {
                throw PoolError.notOwner
            }
            guard change.share == nil || member == account else { throw PoolError.notOwner }
        }
        var events: [SystemEvent] = []
        if let share = change.share, share != own.share {
            // What came in before is shared as it was said before.
            own.swept = try PoolShares.sweep(own, &batch, connection)
            own.share = share
            events += try batch.save(request: nil, connection)
            own.swept = max(own.swept, batch.accounts[account]?.sequence ?? 0)
        }
        own.maySpend = change.maySpend ?? own.maySpend
        if change.becomesOwner, !own.isOwner {
            for var other in try PoolRows.members(of: pool, connection) where other.isOwner {
                other.isOwner = false
                try PoolRows.update(other, connection)
            }
            (own.isOwner, own.maySpend) = (true, true)
        }
        try PoolRows.update(own, connection)
        try AuditLog.append(
            actor: actor, action: "pool.change", subject: "pool:\(pool)",
            detail: "member \(account): share \(own.share), spends \(own.maySpend), owner \(own.isOwner)", connection,
            at: now)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        return try get(pool, connection)
    }

    /// A member goes, with what is left of what they put in. Who joined first of the others owns the pool if its owner
    /// goes; the last one ends it. `by`: the member who asks, themself or the owner; nil: the brand.
    /// Throws: `PoolError`, `PointsError`, `StorageError`.
    package static func leave(
        _ account: Int64, pool: Int64, by member: Int64?, actor: String, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> PointsPool {
        let now = effects.now()
        var batch = try locked(pool, [account], at: now, connection)
        _ = try membership(account, in: pool, connection)
        if let member, member != account {
            guard try membership(member, in: pool, connection).isOwner else { throw PoolError.notOwner }
        }
        let isOver = try PoolDeparture.run([account], from: pool, &batch, connection)
        let events = try batch.save(request: nil, connection)
        try AuditLog.append(
            actor: actor, action: "pool.leave", subject: "pool:\(pool)", detail: "member \(account)", connection,
            at: now)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        try say(isOver ? PoolEvents.dissolved : PoolEvents.left, to: [account], of: pool, at: now, effects, connection)
        return try get(pool, connection)
    }

    /// Everybody goes, with what is left of what they put in. `by`: its owner; nil: the brand.
    /// Throws: `PoolError`, `PointsError`, `StorageError`.
    package static func dissolve(
        _ pool: Int64, by member: Int64?, actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> PointsPool {
        let now = effects.now()
        let accounts = try PoolRows.members(of: pool, connection).map(\.account)
        var batch = try locked(pool, accounts, at: now, connection)
        let members = try PoolRows.members(of: pool, connection)
        guard members.map(\.account) == accounts else { throw PoolError.changedMeanwhile }
        if let member, !members.contains(where: { $0.account == member && $0.isOwner }) { throw PoolError.notOwner }
        _ = try PoolDeparture.run(accounts, from: pool, &batch, connection)
        let events = try batch.save(request: nil, connection)
        try AuditLog.append(
            actor: actor, action: "pool.dissolve", subject: "pool:\(pool)", detail: "", connection, at: now)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        try say(PoolEvents.dissolved, to: accounts, of: pool, at: now, effects, connection)
        return try get(pool, connection)
    }

    // MARK: -

    static func checked(_ name: String) throws -> String {
        let name = Whitespace.trim(name)
        guard (1...PoolLimits.nameCharacters).contains(name.count) else {
            throw PoolError.name(limit: PoolLimits.nameCharacters)
        }
        return name
    }

    /// A pool that is not over, locked with accounts, brought to now. Throws: `PoolError`, `PointsError`.
    static func locked(
        _ pool: Int64, _ accounts: [Int64], at now: Timestamp, _ connection: any SQLConnection
    ) throws -> PointsBatch {
        let head = try PoolRows.head(pool, connection)
        guard head.dissolvedAt == nil else { throw PoolError.dissolved }
        let loaded = try PointsAccountRows.load([pool] + accounts, .open, connection)
        guard loaded[pool]?.account.isClosed == false else { throw PoolError.dissolved }
        for account in accounts { _ = try open(account, loaded) }
        var batch = PointsBatch(loaded, try PointsProgram.load(connection), at: now)
        try batch.advance()
        return batch
    }

    private static func open(
        _ id: Int64, _ loaded: [Int64: PointsAccountRows.Loaded]
    ) throws -> PointsAccount {
        guard let found = loaded[id], !found.isPool else { throw PointsError.accountNotFound(id) }
        guard !found.account.isClosed else { throw PointsError.accountClosed(id) }
        return found.account
    }

    static func membership(
        _ account: Int64, in pool: Int64, _ connection: any SQLConnection
    ) throws -> PoolRows.Membership {
        guard let found = try PoolRows.membership(of: account, connection), found.pool == pool else {
            throw PoolError.notInPool
        }
        return found
    }

    /// Tells the people of accounts; nobody's are told nothing.
    static func say(
        _ name: String, to accounts: [Int64], of pool: Int64, at now: Timestamp, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws {
        let rows = try connection.queryMany(
            "SELECT profile_id FROM points_accounts WHERE id = ? AND profile_id <> 0",
            accounts.map { [.integer($0)] })
        let events = try zip(accounts, rows).compactMap { account, rows in
            try rows.first.map { row in
                SystemEvent(
                    name: name, profileID: try row.int(0), time: now,
                    properties: JSONValue.object([
                        "account": JSONValue(id: account), "pool": JSONValue(id: pool),
                    ]).text())
            }
        }
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
    }
}
