import Storage
import TestSupport

@testable import Engine

extension PointsPoolTests {
    /// Two members, and a pool that the first one owns and the second has joined.
    struct Household {
        var world: World
        var ann: MemberAccount
        var bob: MemberAccount
        var pool: Int64

        init(_ world: World) async throws {
            self.world = world
            ann = try await world.member("ann")
            bob = try await world.member("bob")
            let (effects, ann) = (world.platform.effects, ann.id)
            try await world.platform.store.write { connection in
                guard var currency = try PointsCurrencies.stored("points", connection)?.currency else { return }
                currency.isPoolable = true
                _ = try PointsCurrencies.update(currency, at: effects.now(), connection)
            }
            pool = try await world.platform.store.write {
                try PointsPools.create("Home", by: ann, key: "home", actor: "test", effects, $0).pool.id
            }
            try await join(bob.id)
        }

        func join(_ account: Int64) async throws {
            let (effects, pool) = (world.platform.effects, pool)
            try await world.platform.store.write { connection in
                let asked = try PoolInvitations.invite(
                    account, to: pool, by: nil, actor: "test", effects, connection)
                _ = try PoolInvitations.accept(
                    asked.invitation.id, by: account, actor: "test", effects, connection)
            }
        }

        func put(_ amount: Int64, _ account: Int64, _ key: String) async throws {
            try await world.perform(
                .contribute(member: account, pool: pool, currency: "points", amount, key: key, note: [:]))
        }

        @discardableResult
        func spend(_ amount: Int64, _ account: Int64, _ key: String) async throws -> Points.Answer {
            try await world.perform(
                .spendPool(pool: pool, member: account, currency: "points", amount, key: key, note: ["order": key]))
        }

        func leave(_ account: Int64) async throws {
            let (effects, pool) = (world.platform.effects, pool)
            try await world.platform.store.write {
                _ = try PointsPools.leave(account, pool: pool, by: account, actor: "test", effects, $0)
            }
        }

        func change(_ change: PointsPools.Change, _ account: Int64, by member: Int64? = nil) async throws {
            let (effects, pool) = (world.platform.effects, pool)
            try await world.platform.store.write {
                _ = try PointsPools.change(change, of: account, in: pool, by: member, actor: "test", effects, $0)
            }
        }

        func look() async throws -> PointsPool {
            let pool = pool
            return try await world.platform.store.read { try PointsPools.get(pool, $0) }
        }

        func available() async throws -> Int64 { try await look().balances["points"]?.available ?? 0 }

        func kinds(_ account: Int64) async throws -> [String] {
            try await world.platform.store.read { connection in
                try PointsStatement.page(of: account, before: nil, limit: 50, connection).map(\.kind.rawValue)
            }
        }

        func merge(_ one: MemberAccount, _ other: MemberAccount) async throws {
            let (platform, now) = (world.platform, world.clock.now)
            try await platform.store.write { connection in
                let events = try ManualMerge.merge(
                    one.profileID, other.profileID, platform: platform, at: now, connection)
                try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
            }
        }

        func unmerge() async throws {
            let now = world.clock.now
            try await world.platform.store.write { connection in
                _ = try Unmerge.undo(try MergeHistory.latest(connection)[0].id, at: now, connection)
            }
        }
    }
}
