import Storage

/// Households: made, joined, filled, spent, left and ended, between everything else.
extension SimulatedYear {
    mutating func poolStep() async throws {
        switch random.whole(0...9) {
        case 0: try await found()
        case 1, 2: try await invite()
        case 3: try await changeMember()
        case 4: try await part()
        case 5, 6: try await put()
        default: try await spendPool()
        }
    }

    private mutating func found() async throws {
        let (account, key, effects) = (members[someone()].account, "p\(step)", platform.effects)
        let made = try await tryPool("pool") { connection in
            try PointsPools.create("Home", by: account, key: key, actor: "simulation", effects, connection).pool.id
        }
        guard let made else { return }
        if !pools.contains(made) { pools.append(made) }
        report.pools += 1
        try await look(made, "pool")
    }

    private mutating func invite() async throws {
        guard !pools.isEmpty else { return }
        let (pool, account, effects) = (random.pick(pools), members[someone()].account, platform.effects)
        let accepts = random.chance(0.9)
        _ = try await tryPool("invitation") { connection in
            let asked = try PoolInvitations.invite(account, to: pool, by: nil, actor: "simulation", effects, connection)
            if accepts {
                _ = try PoolInvitations.accept(
                    asked.invitation.id, by: account, actor: "simulation", effects, connection)
            } else {
                _ = try PoolInvitations.refuse(
                    asked.invitation.id, by: account, actor: "simulation", at: effects.now(), connection)
            }
            return pool
        }
        try await look(account, "invitation")
    }

    private mutating func changeMember() async throws {
        guard let (pool, account) = try await belonging() else { return }
        let change = PointsPools.Change(
            maySpend: random.chance(0.8), share: Int64(random.whole(0...100)), becomesOwner: random.chance(0.2))
        let effects = platform.effects
        _ = try await tryPool("pool member") { connection in
            try PointsPools.change(change, of: account, in: pool, by: nil, actor: "simulation", effects, connection).id
        }
        for id in [pool, account] { try await look(id, "pool member") }
    }

    /// A member leaves; now and then all do.
    private mutating func part() async throws {
        guard let (pool, account) = try await belonging() else { return }
        let (effects, isEnd) = (platform.effects, random.chance(0.2))
        _ = try await tryPool("parting") { connection in
            if isEnd { return try PointsPools.dissolve(pool, by: nil, actor: "simulation", effects, connection).id }
            return try PointsPools.leave(account, pool: pool, by: nil, actor: "simulation", effects, connection).id
        }
        for id in [pool, account] { try await look(id, "parting") }
    }

    private mutating func put() async throws {
        guard let (pool, account) = try await belonging() else { return }
        let command = PointsCommand.contribute(
            member: account, pool: pool, currency: "points", Int64(random.whole(1...200)), key: "pc\(step)", note: [:])
        _ = try await attempt(command, index(of: account))
    }

    private mutating func spendPool() async throws {
        guard let (pool, account) = try await belonging() else { return }
        let (key, amount) = ("ps\(step)", Int64(random.whole(1...120)))
        let command = PointsCommand.spendPool(
            pool: pool, member: account, currency: "points", amount, key: key, note: [:])
        if try await attempt(command, index(of: account)) != nil { redemptions.append((key, amount)) }
    }

    /// A pool and, mostly, a member of it.
    private mutating func belonging() async throws -> (pool: Int64, account: Int64)? {
        guard !pools.isEmpty else { return nil }
        let (pool, stranger) = (random.pick(pools), members[someone()].account)
        let inside = try await platform.store.read { try PointsPools.get(pool, $0).members.map(\.account) }
        guard !inside.isEmpty, random.chance(0.95) else { return (pool, stranger) }
        return (pool, random.pick(inside))
    }

    private func index(of account: Int64) -> [Int] { members.firstIndex { $0.account == account }.map { [$0] } ?? [] }

    /// What is refused has changed nothing, which the next look at the ledger says; crashes are survived.
    private mutating func tryPool(
        _ operation: String, _ body: @escaping @Sendable (any SQLConnection) throws -> Int64
    ) async throws -> Int64? {
        do {
            return try await survive { platform, _ in try await platform.store.write { try body($0) } }
        } catch is PoolError {
            report.refused += 1
        } catch PointsError.accountClosed {
            report.refused += 1
        }
        return nil
    }
}
