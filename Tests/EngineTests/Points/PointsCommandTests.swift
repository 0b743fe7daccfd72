import Storage
import TestSupport
import Testing

@testable import Engine

/// Commands through the front door, on both stores.
@Suite("Points commands", .serialized)
struct PointsCommandTests {
    struct World {
        var platform: Platform
        var clock: TestClock

        /// Opens an account for a new person.
        func member(_ user: String) async throws -> MemberAccount {
            let now = clock.now
            let ingest = Ingest(platform: platform, signal: LogSignal())
            try await ingest.append(
                IncomingBatch(
                    sourceID: 1,
                    events: [
                        IncomingEvent(
                            kind: .identify, name: "identify", messageID: "m-\(user)",
                            identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now)
                    ]))
            try await process()
            let effects = platform.effects
            return try await platform.store.write { connection in
                let id = try connection.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0) ?? 0
                return try PointsAccounts.open(profile: id, effects: effects, connection).account
            }
        }

        func process() async throws {
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
        }

        @discardableResult
        func perform(_ command: PointsCommand) async throws -> Points.Answer {
            try await Points.perform(command, platform)
        }

        func award(_ account: Int64, _ amount: Int64, _ key: String) async throws {
            try await perform(.award(account: account, currency: "points", PointsAward(key: key, amount: amount)))
        }

        func balance(_ account: Int64) async throws -> PointsBalance {
            try await platform.store.read { try PointsAccounts.get(account, $0).balances["points"] ?? PointsBalance() }
        }

        func said() async throws -> [String] {
            try await platform.store.read { connection in
                try connection.query("SELECT name FROM event_log WHERE name LIKE 'Points %' ORDER BY position").map {
                    try $0.text(0)
                }
            }
        }

        func verify() async throws -> [PointsVerification.Flaw] {
            try await PointsVerification.run(platform).flaws
        }
    }

    static let currency = PointsCurrency(
        code: "points", noticeDays: [7], reinstatementDays: 10,
        transfer: PointsTransferPolicy(dailyMax: 100, feeBasisPoints: 1_000))

    static func with(_ kind: StoreKind, _ body: (World) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let world = World(platform: .testing(store, clock: clock), clock: clock)
            _ = try await store.write { try PointsCurrencies.create(currency, at: clock.now, $0) }
            try await body(world)
            #expect(try await world.verify() == [])
        }
    }

    @Test(
        "a retry answers as the first time and awards once; another command with the key is refused",
        arguments: StoreKind.allCases)
    func retry(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let account = try await world.member("ann").id
            let award = PointsCommand.award(
                account: account, currency: "points",
                PointsAward(key: "o1", amount: 100, note: ["order": "o1", "a": "b"]))
            let first = try await world.perform(award)
            let again = try await world.perform(award)
            #expect(!first.isRepeat)
            #expect(again.isRepeat)
            #expect(again.transactions == first.transactions)
            #expect(try await world.balance(account).available == 100)
            await #expect(throws: PointsError.keyReused("o1")) {
                try await world.perform(
                    .award(account: account, currency: "points", PointsAward(key: "o1", amount: 101)))
            }
            #expect(try await world.said() == ["Points Earned"])
        }
    }

    @Test("64 tills at once spend a balance for one exactly once", arguments: StoreKind.allCases)
    func tills(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let account = try await world.member("ann").id
            try await world.award(account, 100, "o1")
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for till in 0..<64 {
                    group.addTask {
                        do {
                            try await world.perform(
                                .redeem(account: account, currency: "points", 60, key: "t\(till)", note: [:]))
                            return true
                        } catch PointsError.insufficient { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await world.balance(account).available == 40)
        }
    }

    @Test("the same key from many tills at once is one redemption", arguments: StoreKind.allCases)
    func sameKey(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let account = try await world.member("ann").id
            try await world.award(account, 1_000, "o1")
            let repeats = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        try await world.perform(
                            .redeem(account: account, currency: "points", 10, key: "same", note: [:])
                        ).isRepeat
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(repeats == 15)
            #expect(try await world.balance(account).available == 990)
        }
    }

    @Test("returns give back and take back; holds, transfers and donations balance", arguments: StoreKind.allCases)
    func round(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann").id
            let bob = try await world.member("bob").id
            try await world.award(ann, 500, "o1")
            try await world.perform(.redeem(account: ann, currency: "points", 200, key: "r1", note: [:]))
            try await world.perform(.giveBack(redemption: "r1", 50, key: "b1", note: [:]))
            await #expect(throws: PointsError.exceedsOriginal(left: 150, wanted: 151)) {
                try await world.perform(.giveBack(redemption: "r1", 151, key: "b2", note: [:]))
            }
            let until = world.clock.now.adding(days: 1)
            try await world.perform(
                .reserve(account: ann, currency: "points", 100, until: until, key: "h1", note: [:]))
            try await world.perform(.capture(hold: "h1", 30, keepsRest: true, key: "c1", note: [:]))
            try await world.perform(.letGo(hold: "h1", key: "l1"))
            await #expect(throws: PointsError.holdEnded("h1")) {
                try await world.perform(.capture(hold: "h1", nil, keepsRest: false, key: "c2", note: [:]))
            }
            try await world.perform(.transfer(from: ann, to: bob, currency: "points", 90, key: "t1", note: [:]))
            await #expect(throws: PointsError.transferLimit(left: 10, wanted: 11)) {
                try await world.perform(.transfer(from: ann, to: bob, currency: "points", 11, key: "t2", note: [:]))
            }
            await #expect(throws: PointsError.transferToSelf) {
                try await world.perform(.transfer(from: ann, to: ann, currency: "points", 1, key: "t3", note: [:]))
            }
            try await world.perform(.donate(account: bob, currency: "points", 40, key: "d1", note: ["cause": "trees"]))
            try await world.perform(.reverse(award: "o1", 500, key: "x1", note: [:]))
            let (a, b) = (try await world.balance(ann), try await world.balance(bob))
            // 500 − 200 + 50 − 30 − 90 − 9 of fee = 221; less 500 = −279.
            #expect(a.available == 0)
            #expect(a.owed == -279)
            #expect(b.available == 50)
            try await world.award(ann, 300, "o2")
            #expect(try await world.balance(ann).available == 21)
        }
    }

    @Test(
        "time lapses, notifies and releases in the background, also after a long pause", arguments: StoreKind.allCases)
    func clock(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let account = try await world.member("ann").id
            let now = world.clock.now
            try await world.perform(
                .award(
                    account: account, currency: "points",
                    PointsAward(
                        key: "o1", amount: 100, availableAt: now.adding(days: 2), expiresAt: now.adding(days: 20))))
            let runner = JobRunner(platform: world.platform)
            for days in [1, 2, 11, 8] as [Int64] {
                world.clock.advance(milliseconds: days * Timestamp.millisecondsPerDay)
                try await runner.ensureRecurring()
                try await runner.drain()
            }
            #expect(
                try await world.said() == ["Points Earned", "Points Released", "Points Expiring", "Points Expired"])
            #expect(try await world.balance(account).isZero)
            let heads = try await world.platform.store.read { try PointsHeads.list(limit: 50, $0) }
            #expect(heads.count == 22)
            #expect(heads.reduce(0) { $0 + $1.transactions } == 3)
        }
    }

    @Test(
        "a merge moves what both have by a transaction in both statements, and undoing it moves it back",
        arguments: StoreKind.allCases)
    func merge(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann")
            let bob = try await world.member("bob")
            try await world.award(ann.id, 100, "o1")
            try await world.award(bob.id, 70, "o2")
            try await world.perform(.redeem(account: bob.id, currency: "points", 30, key: "r2", note: [:]))
            let platform = world.platform
            try await platform.store.write { connection in
                let events = try ManualMerge.merge(
                    ann.profileID, bob.profileID, platform: platform, at: world.clock.now, connection)
                try SystemEventLog.append(events, now: world.clock.now, effects: platform.effects, to: connection)
            }
            let (winner, loser) =
                try await world.balance(ann.id).available == 140 ? (ann, bob) : (bob, ann)
            #expect(try await world.balance(winner.id).available == 140)
            #expect(try await world.balance(winner.id).earned == 170)
            #expect(try await world.balance(loser.id).isZero)
            #expect(try await world.verify() == [])
            // A return finds what was spent and earned before, wherever it is now.
            try await world.perform(.giveBack(redemption: "r2", 10, key: "b2", note: [:]))
            #expect(try await world.balance(winner.id).available == 150)
            try await platform.store.write { connection in
                let merge = try MergeHistory.latest(connection)[0].id
                _ = try Unmerge.undo(merge, at: world.clock.now, connection)
            }
            let own = winner.id == ann.id ? Int64(100) : 50
            #expect(try await world.balance(winner.id).available == own)
            #expect(try await world.balance(loser.id).available == 150 - own)
        }
    }

    @Test(
        "who is no member brings nothing, a member's account changes hands, and erasing forfeits what is left",
        arguments: StoreKind.allCases)
    func hands(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann")
            try await world.award(ann.id, 100, "o1")
            let platform = world.platform
            try await Erasure.request(ann.profileID, by: "test", platform)
            let account = try await platform.store.read { try PointsAccounts.get(ann.id, $0) }
            #expect(account.profileID == 0)
            #expect(account.closedAt != nil)
            #expect(account.balances["points"]?.isZero == true)
            await #expect(throws: PointsError.accountClosed(ann.id)) { try await world.award(ann.id, 1, "o2") }
        }
    }

    @Test("whatever is changed behind its back, verification finds", arguments: StoreKind.allCases)
    func tampering(kind: StoreKind) async throws {
        let wounds: [SQL] = [
            "UPDATE points_balances SET available = available + 1",
            "UPDATE points_lots SET remaining = remaining - 1",
            "UPDATE points_entries SET amount = amount + 1 WHERE line = 0",
            "UPDATE points_transactions SET document = replace(document, '100', '900')",
            "DELETE FROM points_transactions WHERE sequence = 2",
            "UPDATE points_transactions SET hash = '00' WHERE sequence = 1",
            "UPDATE points_redemptions SET amount = 1",
        ]
        for wound in wounds {
            try await TestDatabase.with(kind) { store in
                let clock = TestClock()
                let world = World(platform: .testing(store, clock: clock), clock: clock)
                _ = try await store.write { try PointsCurrencies.create(Self.currency, at: clock.now, $0) }
                let account = try await world.member("ann").id
                try await world.award(account, 100, "o1")
                try await world.perform(.redeem(account: account, currency: "points", 30, key: "r", note: [:]))
                #expect(try await world.verify() == [])
                try await store.write { _ = try $0.execute(wound) }
                #expect(try await !world.verify().isEmpty, "\(wound.text)")
            }
        }
    }

    @Test("member numbers carry a check digit")
    func numbers() {
        let number = PointsAccounts.number(.live)
        #expect(PointsAccounts.isNumber(number))
        #expect(!PointsAccounts.isNumber(String(number.dropLast()) + (number.hasSuffix("0") ? "1" : "0")))
        #expect(PointsAccounts.isNumber("4539 1488 0343 6467"))
    }
}
