import Storage
import TestSupport
import Testing

@testable import Engine

/// Rewards through the front door, on both stores.
@Suite("Rewards", .serialized)
struct RewardTests {
    private typealias World = PointsCommandTests.World

    private static func reward(
        _ world: World, stock: Int64?,
        _ definition: RewardDefinition = RewardDefinition(
            names: ["en": "Cup"], currency: "points", points: 10)
    ) async throws -> Reward {
        let effects = world.platform.effects
        return try await world.platform.store.write {
            try Rewards.create(definition, stock: stock, by: "test", effects, $0)
        }
    }

    private static func claim(
        _ world: World, _ reward: Reward, _ account: Int64, _ key: String, quantity: Int64 = 1, tier: String? = nil
    ) async throws -> (claim: RewardClaim, isRepeat: Bool) {
        let effects = world.platform.effects
        let request = RewardRequest(rewardID: reward.id, account: account, quantity: quantity, key: key)
        return try await world.platform.store.write {
            try RewardClaims.claim(request, by: "test", tier: { _, _ in tier }, effects, $0)
        }
    }

    private static func step(
        _ world: World, _ claim: RewardClaim, _ state: RewardClaim.State, note: String = "", restock: Bool = true
    ) async throws -> RewardClaim {
        let effects = world.platform.effects
        return try await world.platform.store.write {
            try RewardClaims.step(
                claim.id, to: state, note: note, restock: restock, by: "test", effects, $0)
        }
    }

    private static func left(_ world: World, _ reward: Reward) async throws -> [Int64?] {
        let found = try await world.platform.store.read { try Rewards.get(reward.id, $0) }
        return [found.stock, found.claimed]
    }

    @Test("64 claims at once on a stock of 1 give exactly one", arguments: StoreKind.allCases)
    func stockOfOne(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let reward = try await Self.reward(world, stock: 1)
            var members: [Int64] = []
            for number in 0..<8 {
                let member = try await world.member("m\(number)").id
                try await world.award(member, 1_000, "a\(number)")
                members.append(member)
            }
            let accounts = members
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for till in 0..<64 {
                    group.addTask {
                        do {
                            _ = try await Self.claim(world, reward, accounts[till % 8], "c\(till)")
                            return true
                        } catch RewardError.refused(.outOfStock(left: 0)) { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await Self.left(world, reward) == [0, 1])
            var spent: Int64 = 0
            for member in members { spent += 1_000 - (try await world.balance(member).available) }
            #expect(spent == 10)
        }
    }

    @Test("a member's limit of 1 holds against 64 claims at once", arguments: StoreKind.allCases)
    func memberLimit(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let reward = try await Self.reward(
                world, stock: nil,
                RewardDefinition(names: ["en": "Cup"], currency: "points", points: 10, memberMax: 1))
            let member = try await world.member("ann").id
            try await world.award(member, 1_000, "a")
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for till in 0..<64 {
                    group.addTask {
                        do {
                            return try await !Self.claim(world, reward, member, "c\(till)").isRepeat
                        } catch RewardError.refused(.memberLimit(left: 0)) { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await world.balance(member).available == 990)
        }
    }

    @Test("a retry answers as the first time; another request with the key is refused", arguments: StoreKind.allCases)
    func retry(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let reward = try await Self.reward(world, stock: 5)
            let member = try await world.member("ann").id
            try await world.award(member, 100, "a")
            let first = try await Self.claim(world, reward, member, "c")
            let again = try await Self.claim(world, reward, member, "c")
            #expect(!first.isRepeat && again.isRepeat && again.claim == first.claim)
            await #expect(throws: RewardError.keyReused("c")) {
                try await Self.claim(world, reward, member, "c", quantity: 2)
            }
            #expect(try await Self.left(world, reward) == [4, 1])
        }
    }

    @Test(
        "what is cancelled gives back its points with the expiry they had, and its goods unless they are lost",
        arguments: StoreKind.allCases)
    func cancelled(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let reward = try await Self.reward(world, stock: 5)
            let member = try await world.member("ann").id
            let expiry = world.clock.now.adding(days: 40)
            try await world.perform(
                .award(account: member, currency: "points", PointsAward(key: "a", amount: 25, expiresAt: expiry)))
            let claim = try await Self.claim(world, reward, member, "c", quantity: 2).claim
            #expect(try await world.balance(member).available == 5)
            await #expect(throws: RewardError.step(from: .requested, to: .issued)) {
                try await Self.step(world, claim, .issued)
            }
            _ = try await Self.step(world, claim, .confirmed)
            _ = try await Self.step(world, claim, .issued, note: "CODE-1")
            let done = try await Self.step(world, claim, .cancelled, note: "broken", restock: false)
            #expect(done.steps.map(\.state) == [.requested, .confirmed, .issued, .cancelled])
            #expect(try await Self.step(world, claim, .cancelled).steps.count == 4)
            #expect(try await world.balance(member).available == 25)
            let lots = try await world.platform.store.read {
                try PointsAccounts.lots(of: member, currency: nil, onlyOpen: true, limit: 9, $0)
            }
            #expect(lots.map(\.expiresAt) == [expiry])
            #expect(try await Self.left(world, reward) == [3, 0])
            let events = try await world.platform.store.read {
                try $0.query("SELECT name FROM event_log WHERE name LIKE 'Reward %' ORDER BY position").map {
                    try $0.text(0)
                }
            }
            #expect(events == ["Reward Requested", "Reward Confirmed", "Reward Issued", "Reward Cancelled"])
        }
    }

    @Test("tiers, dates, limits, money and means are asked for; every reason is told", arguments: StoreKind.allCases)
    func gates(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let now = world.clock.now
            let gated = try await Self.reward(
                world, stock: 1,
                RewardDefinition(
                    names: ["en": "Dinner"], currency: "points", points: 300, money: 500, memberMax: 1,
                    memberDays: 30, tiers: ["gold"], from: now.adding(days: 1)))
            let member = try await world.member("ann").id
            let offers = try await world.platform.store.read {
                try RewardClaims.offers(to: member, at: now, $0)
            }
            #expect(offers.map { $0.refusals.map(\.code) } == [["not_yet", "tier", "insufficient"]])
            try await world.award(member, 1_000, "a")
            world.clock.advance(milliseconds: 2 * Timestamp.millisecondsPerDay)
            await #expect(throws: RewardError.refused(.tier(["gold"]))) {
                try await Self.claim(world, gated, member, "c", tier: "silver")
            }
            let claim = try await Self.claim(world, gated, member, "c", tier: "gold").claim
            await #expect(throws: RewardError.unpaid(money: 500)) {
                try await Self.step(world, claim, .confirmed)
            }
            _ = try await Self.step(world, claim, .confirmed, note: "PAY-1")
            let effects = world.platform.effects
            _ = try await world.platform.store.write {
                try Rewards.changeStock(gated.id, by: 5, actor: "test", at: effects.now(), $0)
            }
            await #expect(throws: RewardError.refused(.memberLimit(left: 0))) {
                try await Self.claim(world, gated, member, "d", tier: "gold")
            }
            world.clock.advance(milliseconds: 31 * Timestamp.millisecondsPerDay)
            _ = try await Self.claim(world, gated, member, "d", tier: "gold")
            await #expect(throws: RewardError.inUse) {
                try await world.platform.store.write {
                    try Rewards.delete(gated.id, by: "test", at: now, $0)
                }
            }
            await #expect(throws: RewardError.stock(left: 4)) {
                try await world.platform.store.write {
                    try Rewards.changeStock(gated.id, by: -5, actor: "test", at: now, $0)
                }
            }
        }
    }
}
