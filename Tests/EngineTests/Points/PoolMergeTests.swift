import Storage
import TestSupport
import Testing

@testable import Engine

/// People in pools who turn out to be one, or two again, or are erased.
@Suite("Pools of points and their people", .serialized)
struct PoolMergeTests {
    typealias Household = PointsPoolTests.Household

    @Test(
        "a merge takes the membership along, with what was put in, and undoing it gives it back",
        arguments: StoreKind.allCases)
    func moved(kind: StoreKind) async throws {
        try await PointsPoolTests.with(kind) { home in
            let world = home.world
            try await world.award(home.bob.id, 100, "o1")
            try await home.put(80, home.bob.id, "c1")
            try await home.spend(30, home.bob.id, "s1")
            let eve = try await world.member("eve")
            try await home.merge(home.bob, eve)
            #expect(try await world.verify() == [])
            var pool = try await home.look()
            let one = try #require(pool.members.last)
            #expect(one.left == ["points": 50])
            #expect(pool.members.count == 2)
            // Who spent is who they have become.
            try await world.perform(.giveBack(redemption: "s1", 10, key: "b1", note: [:]))
            #expect(try await home.kinds(one.account).first == "pool_unspend")
            #expect(try await world.verify() == [])
            try await home.unmerge()
            pool = try await home.look()
            #expect(pool.members.map(\.account) == [home.ann.id, home.bob.id])
            #expect(pool.member(home.bob.id)?.left == ["points": 60])
            #expect(try await world.verify() == [])
        }
    }

    @Test("two of one pool who are one stand in it once", arguments: StoreKind.allCases)
    func joined(kind: StoreKind) async throws {
        try await PointsPoolTests.with(kind) { home in
            let world = home.world
            try await world.award(home.ann.id, 100, "o1")
            try await world.award(home.bob.id, 100, "o2")
            try await home.put(70, home.ann.id, "c1")
            try await home.put(20, home.bob.id, "c2")
            try await home.merge(home.ann, home.bob)
            var pool = try await home.look()
            #expect(pool.members.count == 1)
            #expect(pool.members.first?.isOwner == true)
            #expect(pool.members.first?.left == ["points": 90])
            #expect(try await world.verify() == [])
            try await home.unmerge()
            pool = try await home.look()
            #expect(Set(pool.members.map(\.account)) == [home.ann.id, home.bob.id])
            #expect(pool.member(home.ann.id)?.left == ["points": 70])
            #expect(pool.member(home.bob.id)?.left == ["points": 20])
        }
    }

    @Test("of two pools, who goes leaves theirs with what is left of what they put in", arguments: StoreKind.allCases)
    func twoPools(kind: StoreKind) async throws {
        try await PointsPoolTests.with(kind) { home in
            let world = home.world
            let eve = try await world.member("eve")
            let effects = world.platform.effects
            let other = try await world.platform.store.write {
                try PointsPools.create("Other", by: eve.id, key: "other", actor: "t", effects, $0).pool.id
            }
            try await world.award(home.bob.id, 100, "o1")
            try await world.award(eve.id, 100, "o2")
            try await home.put(40, home.bob.id, "c1")
            try await world.perform(
                .contribute(member: eve.id, pool: other, currency: "points", 30, key: "c2", note: [:]))
            try await home.merge(home.bob, eve)
            let pools = try await world.platform.store.read { connection in
                try [home.pool, other].map { try PointsPools.get($0, connection) }
            }
            let total = pools.reduce(0) { $0 + ($1.balances["points"]?.available ?? 0) }
            let own = try await world.balance(home.bob.id).available + world.balance(eve.id).available
            #expect(total + own == 200)
            // One of the two pools was left.
            #expect(pools.filter { $0.members.contains { [home.bob.id, eve.id].contains($0.account) } }.count == 1)
            #expect(try await world.verify() == [])
            try await home.unmerge()
        }
    }

    @Test(
        "who is erased leaves the pool and forfeits what is left of theirs; others keep theirs",
        arguments: StoreKind.allCases)
    func erased(kind: StoreKind) async throws {
        try await PointsPoolTests.with(kind) { home in
            let world = home.world
            try await world.award(home.ann.id, 100, "o1")
            try await world.award(home.bob.id, 100, "o2")
            try await home.put(70, home.ann.id, "c1")
            try await home.put(20, home.bob.id, "c2")
            try await home.spend(30, home.bob.id, "s1")
            try await Erasure.request(home.ann.profileID, by: "test", world.platform)
            let pool = try await home.look()
            #expect(pool.members.map(\.account) == [home.bob.id])
            #expect(pool.owner == home.bob.id)
            #expect(try await home.available() == 20)
            let totals = try await world.platform.store.read { try PointsVerification.trialBalance($0) }
            #expect(totals["points"]?[.breakage] == 70)
            // What was spent of the erased one's comes back to who is left.
            try await world.perform(.giveBack(redemption: "s1", nil, key: "b1", note: [:]))
            #expect(try await home.available() == 50)
            #expect(try await world.verify() == [])
            try await home.leave(home.bob.id)
            #expect(try await world.balance(home.bob.id).available == 100)
            let after = try await world.platform.store.read { try PointsVerification.trialBalance($0) }
            #expect(after["points"]?[.breakage] == 100)
        }
    }
}
