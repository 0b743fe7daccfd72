import Storage
import TestSupport
import Testing

@testable import Engine

/// Pools of households through the front door, on both stores; `PointsCommandTests.with` verifies the whole ledger and
/// its pools after each.
@Suite("Pools of points", .serialized)
struct PointsPoolTests {
    typealias World = PointsCommandTests.World

    static func with(_ kind: StoreKind, _ body: (Household) async throws -> Void) async throws {
        try await PointsCommandTests.with(kind) { world in try await body(try await Household(world)) }
    }

    @Test(
        "points go in and are spent with their expiry, in both statements, once for each key",
        arguments: StoreKind.allCases)
    func spending(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            let (world, now) = (home.world, home.world.clock.now)
            for (key, days, amount) in [("late", 300, 100), ("soon", 30, 50)] as [(String, Int, Int64)] {
                try await world.perform(
                    .award(
                        account: home.ann.id, currency: "points",
                        PointsAward(key: key, amount: amount, expiresAt: now.adding(days: days))))
            }
            try await world.award(home.bob.id, 40, "never")
            try await home.put(150, home.ann.id, "c1")
            try await home.put(40, home.bob.id, "c2")
            try await home.put(40, home.bob.id, "c2")
            #expect(try await home.available() == 190)
            let spent = try await home.spend(120, home.bob.id, "s1")
            // What lapses first goes first, whoever put it in: 50 of the first lot, 70 of the second.
            #expect(Set(spent.transactions.map(\.kind)) == [.redeem, .poolSpend])
            #expect(spent.transactions.allSatisfy { $0.entries.reduce(0) { $0 + $1.amount } == 0 })
            #expect(spent.transactions.map(\.principal) == [120, 120])
            let again = try await home.spend(120, home.bob.id, "s1")
            #expect(again.isRepeat && again.transactions == spent.transactions)
            await #expect(throws: PointsError.keyReused("s1")) { try await home.spend(121, home.bob.id, "s1") }
            #expect(try await home.kinds(home.bob.id).first == "pool_spend")
            #expect(try await home.kinds(home.pool).first == "redeem")
            #expect(try await world.balance(home.bob.id).available == 0)
            let pool = try await home.look()
            #expect(pool.member(home.ann.id)?.left == ["points": 30])
            #expect(pool.member(home.bob.id)?.left == ["points": 40])
            // Half of it comes back to the lots it was of.
            try await world.perform(.giveBack(redemption: "s1", 60, key: "b1", note: [:]))
            #expect(try await home.look().member(home.ann.id)?.left == ["points": 90])
            #expect(try await home.kinds(home.bob.id).first == "pool_unspend")
            let lots = try await world.platform.store.read {
                try PointsAccounts.lots(of: home.pool, currency: nil, onlyOpen: true, limit: 9, $0)
            }
            #expect(lots.compactMap(\.expiresAt) == [now.adding(days: 300)])
            #expect(try await world.said().contains("Points Contributed"))
            let told = try await world.platform.store.read { connection in
                try connection.query("SELECT name FROM event_log WHERE name LIKE 'Pool %' ORDER BY position").map {
                    try $0.text(0)
                }
            }
            #expect(
                told == [
                    "Pool Joined", "Pool Invited", "Pool Joined", "Pool Points Redeemed", "Pool Points Returned",
                ])
        }
    }

    @Test(
        "who may not spend does not, nor a stranger; a pool is no member; only owners decide",
        arguments: StoreKind.allCases)
    func rights(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            let (world, eve) = (home.world, try await home.world.member("eve"))
            try await world.award(home.ann.id, 100, "o1")
            try await home.put(60, home.ann.id, "c1")
            try await home.change(PointsPools.Change(maySpend: false), home.bob.id, by: home.ann.id)
            await #expect(throws: PoolError.maySpend) { try await home.spend(1, home.bob.id, "s1") }
            await #expect(throws: PoolError.notInPool) { try await home.spend(1, eve.id, "s2") }
            await #expect(throws: PoolError.notInPool) { try await home.put(1, eve.id, "c2") }
            await #expect(throws: PoolError.notOwner) {
                try await home.change(PointsPools.Change(maySpend: true), home.bob.id, by: home.bob.id)
            }
            // Nobody decides what another gives.
            await #expect(throws: PoolError.notOwner) {
                try await home.change(PointsPools.Change(share: 100), home.bob.id, by: home.ann.id)
            }
            await #expect(throws: PoolError.share(limit: 100)) {
                try await home.change(PointsPools.Change(share: 101), home.bob.id, by: home.bob.id)
            }
            for command in [
                .redeem(account: home.pool, currency: "points", 1, key: "r", note: [:]),
                .transfer(from: home.ann.id, to: home.pool, currency: "points", 1, key: "t", note: [:]),
                .adjust(account: home.pool, currency: "points", 1, key: "a", note: [:]),
                .award(account: home.pool, currency: "points", PointsAward(key: "w", amount: 1)),
            ] as [PointsCommand] {
                await #expect(throws: PoolError.poolAccount) { try await world.perform(command) }
            }
            await #expect(throws: PointsError.accountNotFound(home.pool)) {
                try await world.platform.store.read { _ = try PointsAccounts.get(home.pool, $0) }
            }
            await #expect(throws: PointsError.insufficient(available: 60, wanted: 61)) {
                try await home.spend(61, home.ann.id, "s3")
            }
            #expect(try await home.available() == 60)
            #expect(
                try await world.platform.store.read { try MemberList.page(search: "", before: nil, limit: 9, $0) }
                    .rows.count == 3)
        }
    }

    @Test("a currency that is not to be shared is not", arguments: StoreKind.allCases)
    func notPoolable(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            let (world, now) = (home.world, home.world.clock.now)
            _ = try await world.platform.store.write { connection in
                try PointsCurrencies.create(PointsCurrency(code: "stamps"), at: now, connection)
            }
            try await world.perform(
                .award(account: home.ann.id, currency: "stamps", PointsAward(key: "o1", amount: 5)))
            await #expect(throws: PoolError.notPoolable(currency: "stamps")) {
                try await world.perform(
                    .contribute(member: home.ann.id, pool: home.pool, currency: "stamps", 5, key: "c", note: [:]))
            }
            #expect(throws: PointsError.self) {
                try PointsCurrency(code: "growth", isSpendable: false, isPoolable: true).validate()
            }
        }
    }

    @Test(
        "nobody joins uninvited, twice, two pools, or too late; a pool has so many and no more",
        arguments: StoreKind.allCases)
    func joining(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            let (world, effects) = (home.world, home.world.platform.effects)
            let store = world.platform.store
            let eve = try await world.member("eve").id
            let (pool, ann, bob) = (home.pool, home.ann.id, home.bob.id)
            func invite(_ account: Int64, by member: Int64?) async throws -> PoolInvitation {
                try await store.write {
                    try PoolInvitations.invite(account, to: pool, by: member, actor: "t", effects, $0).invitation
                }
            }
            func accept(_ id: Int64, _ account: Int64?) async throws {
                try await store.write { _ = try PoolInvitations.accept(id, by: account, actor: "t", effects, $0) }
            }
            await #expect(throws: PoolError.notOwner) { _ = try await invite(eve, by: bob) }
            await #expect(throws: PoolError.inPool) { _ = try await invite(bob, by: ann) }
            let asked = try await invite(eve, by: ann)
            #expect(try await invite(eve, by: ann) == asked)
            await #expect(throws: PoolError.invitationNotFound(asked.id)) { try await accept(asked.id, bob) }
            world.clock.advance(milliseconds: 15 * Timestamp.millisecondsPerDay)
            await #expect(throws: PoolError.invitationEnded) { try await accept(asked.id, eve) }
            let anew = try await invite(eve, by: ann)
            _ = try await store.write {
                try PoolInvitations.refuse(anew.id, by: eve, actor: "t", at: effects.now(), $0)
            }
            await #expect(throws: PoolError.invitationEnded) { try await accept(anew.id, eve) }
            await #expect(throws: PoolError.inPool) {
                try await store.write {
                    _ = try PointsPools.create("Other", by: bob, key: "k", actor: "t", effects, $0)
                }
            }
            for name in ["", String(repeating: "x", count: 41)] {
                await #expect(throws: PoolError.name(limit: 40)) {
                    try await store.write {
                        _ = try PointsPools.create(name, by: eve, key: "k", actor: "t", effects, $0)
                    }
                }
            }
            let again = try await store.write {
                try PointsPools.create("Home", by: ann, key: "home", actor: "t", effects, $0)
            }
            #expect(again.isRepeat && again.pool.id == pool)
            await #expect(throws: PoolError.keyReused("home")) {
                try await store.write {
                    _ = try PointsPools.create("Else", by: ann, key: "home", actor: "t", effects, $0)
                }
            }
            for number in 3...PoolLimits.members { try await home.join(world.member("m\(number)").id) }
            await #expect(throws: PoolError.full(limit: PoolLimits.members)) { _ = try await invite(eve, by: ann) }
        }
    }

    @Test(
        "who leaves has back what is left of theirs; later returns follow them; the last one ends it",
        arguments: StoreKind.allCases)
    func leaving(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            let (world, now) = (home.world, home.world.clock.now)
            let soon = now.adding(days: 30)
            try await world.perform(
                .award(
                    account: home.ann.id, currency: "points", PointsAward(key: "o1", amount: 100, expiresAt: soon)))
            try await world.award(home.bob.id, 100, "o2")
            try await home.put(100, home.ann.id, "c1")
            try await home.put(100, home.bob.id, "c2")
            try await home.spend(130, home.bob.id, "s1")
            try await home.leave(home.ann.id)
            #expect(try await world.balance(home.ann.id).available == 0)
            var pool = try await home.look()
            #expect(pool.members.map(\.account) == [home.bob.id])
            // The owner went: who joined next owns it.
            #expect(pool.owner == home.bob.id)
            #expect(try await home.available() == 70)
            // A return brings 90 back: the last spent first, 30 of bob's, then 60 of ann's, which go on to her.
            try await world.perform(.giveBack(redemption: "s1", 90, key: "b1", note: [:]))
            #expect(try await home.available() == 100)
            #expect(try await world.balance(home.ann.id).available == 60)
            let lots = try await world.platform.store.read {
                try PointsAccounts.lots(of: home.ann.id, currency: nil, onlyOpen: true, limit: 9, $0)
            }
            #expect(lots.map(\.expiresAt) == [soon])
            await #expect(throws: PoolError.notInPool) { try await home.leave(home.ann.id) }
            try await home.leave(home.bob.id)
            pool = try await home.look()
            #expect(pool.dissolvedAt != nil && pool.members.isEmpty)
            #expect(try await world.balance(home.bob.id).available == 100)
            // Of a pool that is over too.
            try await world.perform(.giveBack(redemption: "s1", nil, key: "b2", note: [:]))
            #expect(try await world.balance(home.ann.id).available == 100)
            await #expect(throws: PoolError.notInPool) { try await home.put(1, home.bob.id, "c3") }
            await #expect(throws: PoolError.dissolved) { try await home.join(home.ann.id) }
        }
    }

    @Test("points that lapse in a pool lapse there, and its members are told before", arguments: StoreKind.allCases)
    func lapsing(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            let (world, now) = (home.world, home.world.clock.now)
            try await world.perform(
                .award(
                    account: home.ann.id, currency: "points",
                    PointsAward(key: "o1", amount: 100, expiresAt: now.adding(days: 20))))
            try await home.put(100, home.ann.id, "c1")
            let runner = JobRunner(platform: world.platform)
            // A recurring job is due only after it was first seen to.
            try await runner.ensureRecurring()
            for days in [14, 8] as [Int64] {
                world.clock.advance(milliseconds: days * Timestamp.millisecondsPerDay)
                try await runner.drain()
            }
            #expect(try await home.available() == 0)
            #expect(try await home.kinds(home.pool).first == "expire")
            let told = try await world.platform.store.read { connection in
                try connection.query(
                    """
                    SELECT o.profile_id FROM event_log e JOIN event_outcomes o ON o.position = e.position
                    WHERE e.name = 'Points Expiring' ORDER BY e.position
                    """
                ).map { try $0.int(0) }
            }
            #expect(Set(told) == [home.ann.profileID, home.bob.profileID] && told.count == 2)
        }
    }

    @Test("of what is earned, the share goes in by itself, once, when it can be spent", arguments: StoreKind.allCases)
    func shares(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            let (world, now) = (home.world, home.world.clock.now)
            try await world.award(home.bob.id, 1_000, "before")
            try await home.change(PointsPools.Change(share: 30), home.bob.id, by: home.bob.id)
            try await world.award(home.bob.id, 101, "o1")
            try await world.perform(
                .award(
                    account: home.bob.id, currency: "points",
                    PointsAward(key: "o2", amount: 50, availableAt: now.adding(days: 2))))
            let runner = JobRunner(platform: world.platform)
            func run(_ days: Int64) async throws {
                world.clock.advance(milliseconds: days * Timestamp.millisecondsPerDay)
                try await runner.drain()
                // What was released is shared in the next round.
                world.clock.advance(milliseconds: 60_000)
                try await runner.drain()
            }
            // A recurring job is due only after it was first seen to.
            try await runner.ensureRecurring()
            try await run(1)
            #expect(try await home.available() == 30)
            try await run(3)
            #expect(try await home.available() == 45)
            #expect(try await world.balance(home.bob.id).available == 1_106)
            // A change counts for what comes from then on; what came before is shared as it was said.
            try await world.award(home.bob.id, 10, "o3")
            try await home.change(PointsPools.Change(share: 100), home.bob.id, by: home.bob.id)
            #expect(try await home.available() == 48)
            try await world.award(home.bob.id, 10, "o4")
            // Spent before it was shared: no more goes in than is left.
            try await world.perform(.redeem(account: home.bob.id, currency: "points", 1_120, key: "r", note: [:]))
            try await run(1)
            #expect(try await home.available() == 51)
            // The return of an award takes from the member, not from the pool.
            try await world.perform(.reverse(award: "o1", 101, key: "x", note: [:]))
            #expect(try await home.available() == 51)
            #expect(try await world.balance(home.bob.id).owed == -101)
            try await home.leave(home.bob.id)
            #expect(try await world.balance(home.bob.id).owed == -50)
        }
    }

    @Test("64 tills at once spend a pool for one exactly once", arguments: StoreKind.allCases)
    func tills(kind: StoreKind) async throws {
        try await Self.with(kind) { home in
            try await home.world.award(home.ann.id, 100, "o1")
            try await home.put(100, home.ann.id, "c1")
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for till in 0..<64 {
                    group.addTask {
                        do {
                            let who = till.isMultiple(of: 2) ? home.ann.id : home.bob.id
                            try await home.spend(60, who, "t\(till)")
                            return true
                        } catch PointsError.insufficient { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await home.available() == 40)
        }
    }
}
