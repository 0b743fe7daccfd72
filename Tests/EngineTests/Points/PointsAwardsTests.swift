import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Awards in batches", .serialized)
struct PointsAwardsTests {
    private static func give(
        _ world: PointsCommandTests.World, _ awards: [Points.Given]
    ) async throws -> [PointsTransaction] {
        let effects = world.platform.effects
        return try await world.platform.store.write { try Points.award(awards, effects: effects, $0) }
    }

    @Test(
        "many awards are given once each, whatever is due comes first, debts are repaid, and a till's retry agrees",
        arguments: StoreKind.allCases)
    func batch(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            let soon = world.clock.now.adding(days: 2)
            try await world.perform(
                .award(account: ann, currency: "points", PointsAward(key: "old", amount: 50, expiresAt: soon)))
            // Bob owes 30.
            try await world.award(bob, 30, "spent")
            try await world.perform(.redeem(account: bob, currency: "points", 30, key: "r", note: [:]))
            try await world.perform(.reverse(award: "spent", 30, key: "x", note: [:]))
            world.clock.advance(milliseconds: 3 * Timestamp.millisecondsPerDay)
            let given = (0..<40).map { number in
                Points.Given(
                    account: number % 2 == 0 ? ann : bob, currency: "points",
                    award: PointsAward(key: "b\(number)", amount: 10))
            }
            let written = try await Self.give(world, given + [given[0]])
            #expect(written.count == 40)
            #expect(try await Self.give(world, given) == [])
            #expect(try await world.balance(ann).available == 200)
            #expect(try await world.balance(bob).available == 170)
            let again = try await world.perform(
                .award(account: ann, currency: "points", PointsAward(key: "b0", amount: 10)))
            #expect(again.isRepeat)
            await #expect(throws: PointsError.keyReused("b0")) {
                try await Self.give(
                    world, [Points.Given(account: ann, currency: "points", award: PointsAward(key: "b0", amount: 11))])
            }
            // All or none.
            await #expect(throws: PointsError.accountNotFound(5)) {
                try await Self.give(
                    world,
                    [
                        Points.Given(account: ann, currency: "points", award: PointsAward(key: "n1", amount: 10)),
                        Points.Given(account: 5, currency: "points", award: PointsAward(key: "n2", amount: 10)),
                    ])
            }
            #expect(try await world.balance(ann).available == 200)
        }
    }

    @Test(
        "many accounts together have the statements that they had if each award had been given by itself",
        arguments: StoreKind.allCases)
    func many(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            var members: [Int64] = []
            for number in 0..<260 { members.append(try await world.member("m\(number)").id) }
            let given = (0..<600).map { number in
                Points.Given(
                    account: members[number * 7 % members.count], currency: "points",
                    award: PointsAward(
                        key: "b\(number)", amount: Int64(number + 1), source: "rule", note: ["order": "O\(number)"]))
            }
            let (now, all) = (world.clock.now, members)
            let alone = try await world.platform.store.write { connection -> [PointsTransaction] in
                let program = try PointsProgram.load(connection)
                let loaded = try PointsAccountRows.load(all, .balances, by: program, connection)
                var batch = PointsBatch(loaded, program, at: now)
                for one in given { try batch.perform(one.command, connection) }
                return batch.transactions
            }
            #expect(try await Self.give(world, given) == alone && alone.count == 600)
            #expect(try await PointsVerification.run(world.platform).flaws == [])
            #expect(try await Self.give(world, given) == [])
            // One that is refused leaves nothing of the others.
            let more = given.map { one in
                var one = one
                one.award.key += "x"
                return one
            }
            var refused = more
            refused[411].award.expiresAt = now.adding(days: -1)
            let wrong = refused
            await #expect(throws: PointsError.expiryInPast) { try await Self.give(world, wrong) }
            #expect(try await Self.give(world, more).count == 600)
        }
    }

    @Test(
        "a transfer that is asked for again is answered in the same order, whoever is older",
        arguments: StoreKind.allCases)
    func transferAgain(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            try await world.award(ann, 100, "a")
            try await world.award(bob, 100, "b")
            for (from, to) in [(ann, bob), (bob, ann)] {
                let command = PointsCommand.transfer(
                    from: from, to: to, currency: "points", 10, key: "t\(from)", note: [:])
                let first = try await world.perform(command)
                #expect(try await world.perform(command).transactions == first.transactions)
            }
        }
    }

    @Test(
        "a merge leaves holds that have ended where they ended, and undoing it leaves the other's redemptions alone",
        arguments: StoreKind.allCases)
    func mergeAndBack(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann"), try await world.member("bob"))
            for member in [ann, bob] {
                let until = world.clock.now.adding(days: 2)
                try await world.award(member.id, 100, "a\(member.id)")
                try await world.award(member.id, 50, "b\(member.id)")
                try await world.perform(
                    .reserve(
                        account: member.id, currency: "points", 10, until: until, key: "ended\(member.id)", note: [:]))
                try await world.perform(.letGo(hold: "ended\(member.id)", key: "l\(member.id)"))
                try await world.perform(
                    .reserve(
                        account: member.id, currency: "points", 10, until: until, key: "open\(member.id)", note: [:]))
            }
            let (platform, now) = (world.platform, world.clock.now)
            try await platform.store.write { connection in
                let events = try ManualMerge.merge(
                    ann.profileID, bob.profileID, platform: platform, at: now, connection)
                try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
            }
            #expect(try await world.verify() == [])
            let isAnn = try await world.balance(ann.id).available > 0
            let winner = isAnn ? ann.id : bob.id
            // Of the winner's own lots: no redemption goes back with the other's.
            try await world.perform(.redeem(account: winner, currency: "points", 120, key: "both", note: [:]))
            try await platform.store.write { connection in
                let merge = try MergeHistory.latest(connection)[0].id
                _ = try Unmerge.undo(merge, at: now, connection)
            }
            #expect(try await world.verify() == [])
            try await world.perform(.giveBack(redemption: "both", 5, key: "back", note: [:]))
        }
    }

    @Test("a clock that is set back dates nothing in a day whose head is made", arguments: StoreKind.allCases)
    func clockSetBack(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            try await world.award(ann, 100, "a")
            world.clock.advance(milliseconds: 2 * Timestamp.millisecondsPerDay)
            let runner = JobRunner(platform: world.platform, catalog: JobCatalog([PointsHeads.handler]))
            try await runner.ensureRecurring()
            world.clock.advance(milliseconds: Timestamp.millisecondsPerDay)
            try await runner.drain()
            #expect(try await world.platform.store.read { try PointsHeads.list(limit: 9, $0).count } > 1)
            world.clock.advance(milliseconds: -3 * Timestamp.millisecondsPerDay)
            try await world.award(bob, 50, "b")
            #expect(try await world.balance(bob).available == 50)
        }
    }
}
