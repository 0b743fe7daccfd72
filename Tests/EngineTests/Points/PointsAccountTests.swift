import Testing

@testable import Engine

/// The ledger's core as a state machine: random commands on three accounts, with every invariant after each.
@Suite("Points accounts")
struct PointsAccountTests {
    static let start = Timestamp(milliseconds: 1_790_000_000_000)

    static let currencies = [
        PointsCurrency(
            code: "points", expiry: .rolling(months: 2), noticeDays: [30, 7], pendingDays: 3, reversal: .deficit,
            reinstatementDays: 20, transfer: PointsTransferPolicy(dailyMax: 500, feeBasisPoints: 150)),
        PointsCurrency(
            code: "coins", expiry: .inactivity(months: 1), reversal: .withinBalance,
            transfer: PointsTransferPolicy(dailyMax: 10_000), isPoolable: true),
        PointsCurrency(code: "stamps", expiry: .fixed(month: 12, day: 31, monthsMin: 1), reversal: .pendingOnly),
    ]
    static let program = PointsProgram(currencies, .utc)

    /// Does one random thing; whatever is refused must leave the account as it was.
    struct Play {
        var generator: SeededGenerator
        var accounts: [PointsAccount]
        var now = PointsAccountTests.start
        var step = 0
        var awards: [(account: Int, key: String, amount: Int64, currency: PointsCurrency)] = []
        var refused = 0
        /// Behind the three members: their pool, and who put its lots in.
        static let pool = 3
        var contributors: [Int64: Int] = [:]
        var spenders: [String: Int] = [:]

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
            accounts = (1...4).map { PointsAccount(id: Int64($0)) }
        }

        mutating func roll(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }

        mutating func move() throws {
            step += 1
            now = now.adding(milliseconds: roll(0...86_400_000) * (roll(0...9) == 0 ? 20 : 1))
            let index = Int(roll(0...2))
            let before = accounts
            do {
                for account in accounts.indices { try accounts[account].advance(to: now, PointsAccountTests.program) }
                let settled = accounts
                do { try act(on: index) } catch let error as PointsError {
                    refused += 1
                    accounts = settled
                    if case .broken = error { throw error }
                }
            } catch {
                accounts = before
                throw error
            }
        }

        private mutating func act(on index: Int) throws {
            let currency = PointsAccountTests.currencies[Int(roll(0...2))]
            let key = "k\(step)"
            let amount = roll(1...200)
            switch roll(0...19) {
            case 0...3:
                var award = PointsAward(key: key, amount: amount)
                if roll(0...3) == 0 { award.waitsFor = "delivery:\(roll(1...5))" }
                try accounts[index].award(award, currency, .utc, at: now)
                awards.append((index, key, amount, currency))
            case 4: try accounts[index].redeem(amount, key: key, currency, .utc, at: now)
            case 5: try accounts[index].release(waitingFor: "delivery:\(roll(1...5))", at: now)
            case 6:
                let until = now.adding(milliseconds: roll(1...400_000_000))
                try accounts[index].reserve(amount, key: key, until: until, currency, at: now)
            case 7:
                guard let hold = accounts[index].holds.values.filter({ $0.state == .open }).min(by: { $0.key < $1.key })
                else { return }
                let own = PointsAccountTests.program.currencies[hold.currency] ?? currency
                try accounts[index].capture(
                    hold: hold.key, roll(0...1) == 0 ? nil : roll(1...hold.held), keepsRest: roll(0...1) == 0, as: key,
                    own, .utc, at: now)
            case 8:
                guard let hold = accounts[index].holds.values.filter({ $0.state == .open }).max(by: { $0.key < $1.key })
                else { return }
                try accounts[index].letGo(hold: hold.key, command: key, at: now)
            case 9, 10:
                guard !awards.isEmpty else { return }
                let award = awards[Int(roll(0...Int64(awards.count - 1)))]
                try accounts[award.account].reverse(
                    award: award.key, roll(1...award.amount), as: key, award.currency, at: now)
            case 11:
                guard let spent = accounts[index].redemptions.values.sorted(by: { $0.key < $1.key }).last else {
                    return
                }
                let own = PointsAccountTests.program.currencies[spent.currency] ?? currency
                try accounts[index].giveBack(redemption: spent.key, amount, as: key, own, at: now)
            case 12:
                let other = (index + 1) % 3
                let parcels = try accounts[index].give(
                    amount, to: accounts[other].id, key: key, givenToday: 0, currency, .utc, at: now)
                try accounts[other].receive(parcels, from: accounts[index].id, key: key, currency, .utc, at: now)
            case 13: try accounts[index].adjust(roll(-50...50), key: key, note: [:], currency, .utc, at: now)
            default: try share(index, amount, key, currency)
            }
        }

        /// Into the pool, out of it again, and spent of it.
        private mutating func share(
            _ index: Int, _ amount: Int64, _ key: String, _ currency: PointsCurrency
        ) throws {
            let pool = accounts[Self.pool].id
            switch roll(0...4) {
            case 0, 1:
                let parcels = try accounts[index].contribute(amount, to: pool, as: key, currency, .utc, at: now)
                let lots = try accounts[Self.pool].takeIn(
                    parcels, from: accounts[index].id, as: key, currency, .utc, at: now)
                for lot in lots { contributors[lot] = index }
            case 2:
                try accounts[Self.pool].redeem(amount, by: accounts[index].id, key: key, currency, .utc, at: now)
                try accounts[index].witness(
                    .poolSpend, amount, of: pool, redemption: key, as: key, currency, .utc, at: now)
                spenders[key] = index
            case 3:
                let spent = accounts[Self.pool].redemptions.values.sorted { $0.key < $1.key }.last
                guard let spent, let spender = spenders[spent.key] else { return }
                let own = PointsAccountTests.program.currencies[spent.currency] ?? currency
                let came = try accounts[Self.pool].giveBack(
                    redemption: spent.key, amount, by: accounts[spender].id, as: key, own, at: now)
                try accounts[spender].witness(
                    .poolUnspend, came, of: pool, redemption: spent.key, as: key, own, .utc, at: now)
            default:
                let lots = Set(contributors.filter { $0.value == index }.keys)
                for (code, parcels) in try accounts[Self.pool].handBack(lots, to: accounts[index].id, as: key, at: now)
                {
                    let own = PointsAccountTests.program.currencies[code] ?? currency
                    try accounts[index].takeBack(parcels, from: pool, as: key, own, .utc, at: now)
                }
            }
        }
    }

    @Test("random commands keep every invariant, and the transactions alone tell the same", arguments: 0..<60)
    func random(seed: Int) throws {
        var play = Play(seed: UInt64(seed))
        for _ in 0..<150 {
            try play.move()
            for account in play.accounts {
                #expect(account.flaws() == [], "seed \(seed), step \(play.step)")
                #expect(account.written.allSatisfy { $0.entries.reduce(0) { $0 + $1.amount } == 0 })
            }
        }
        for account in play.accounts {
            #expect(account.documents == account.written.map { $0.tree.text() })
            let texts = try zip(account.written, account.documents).map {
                try PointsTransaction(parsing: $1, hash: $0.hash)
            }
            #expect(texts == account.written)
            let rebuilt = try PointsAccount(id: account.id, replaying: texts)
            #expect(rebuilt.lots == account.lots)
            #expect(rebuilt.holds == account.holds)
            #expect(rebuilt.redemptions == account.redemptions)
            #expect(rebuilt.hash == account.hash)
        }
        let moved = play.accounts.flatMap(\.written).flatMap(\.entries).filter { $0.ledger == .transferred }
        #expect(moved.reduce(0) { $0 + $1.amount } == 0)
        // A pool never owes, and never has more than was put in.
        let pool = play.accounts[Play.pool]
        #expect(pool.balances.values.allSatisfy { $0.owed == 0 && $0.pending == 0 && $0.earned == 0 })
        #expect(pool.lots.keys.allSatisfy { play.contributors[$0] != nil })
        #expect(play.refused < play.step)
    }

    @Test(
        "earning and returning everything nets to zero, in any split, whatever was spent meanwhile", arguments: 0..<40)
    func netsToZero(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let currency = PointsCurrency(code: "points")
        var account = PointsAccount(id: 1)
        let earned = Int64.random(in: 1...999, using: &generator)
        try account.award(PointsAward(key: "o1", amount: earned), currency, .utc, at: Self.start)
        let spent = Int64.random(in: 1...earned, using: &generator)
        try account.redeem(spent, key: "r1", currency, .utc, at: Self.start)
        let whole = Int64.random(in: 1...50_000, using: &generator)
        var (returned, taken): (Int64, Int64) = (0, 0)
        var part = 0
        while returned < whole {
            part += 1
            returned = min(whole, returned + Int64.random(in: 1...whole, using: &generator))
            let target = PointsAccount.reversed(of: earned, returned: returned, whole: whole)
            if target > taken {
                try account.reverse(award: "o1", target - taken, as: "x\(part)", currency, at: Self.start)
            }
            taken = target
        }
        #expect(account.balance("points").earned == 0)
        #expect(account.balance("points").owed == -spent)
        try account.giveBack(redemption: "r1", nil, as: "y", currency, at: Self.start)
        #expect(account.balance("points").isZero)
        #expect(account.flaws() == [])
    }

    @Test("spends the earliest expiry first, then the oldest, and gives back with the original expiry")
    func order() throws {
        let currency = PointsCurrency(code: "points")
        var account = PointsAccount(id: 1)
        let late = Self.start.adding(days: 300)
        let soon = Self.start.adding(days: 30)
        try account.award(PointsAward(key: "never", amount: 10), currency, .utc, at: Self.start)
        try account.award(PointsAward(key: "late", amount: 10, expiresAt: late), currency, .utc, at: Self.start)
        try account.award(PointsAward(key: "soon", amount: 10, expiresAt: soon), currency, .utc, at: Self.start)
        try account.redeem(15, key: "r", currency, .utc, at: Self.start)
        #expect(account.lots.values.sorted { $0.number < $1.number }.map(\.remaining) == [10, 5, 0])
        try account.giveBack(redemption: "r", 7, as: "a", currency, at: Self.start)
        #expect(account.lots.values.sorted { $0.number < $1.number }.map(\.remaining) == [10, 10, 2])
        // After the expiry the rest lapses at once.
        try account.giveBack(redemption: "r", nil, as: "b", currency, at: Self.start.adding(days: 31))
        #expect(account.lots[3]?.remaining == 0 || account.lots[3]?.expired == 8)
        #expect(account.lots[3]?.expiresAt == soon)
        #expect(account.balance("points").available == 20)
    }

    @Test("points cannot be spent before the return window closes")
    func pending() throws {
        let currency = PointsCurrency(code: "points", pendingDays: 14)
        let program = PointsProgram([currency], .utc)
        var account = PointsAccount(id: 1)
        try account.award(PointsAward(key: "o", amount: 100), currency, .utc, at: Self.start)
        #expect(throws: PointsError.insufficient(available: 0, wanted: 1)) {
            var copy = account
            try copy.redeem(1, key: "r", currency, .utc, at: Self.start)
        }
        try account.advance(to: Self.start.adding(days: 13), program)
        #expect(account.balance("points").pending == 100)
        try account.advance(to: Self.start.adding(days: 15), program)
        #expect(account.balance("points").available == 100)
    }

    @Test("a missed year is caught up in order: released, then lapsed, each dated when it was due")
    func missed() throws {
        let currency = PointsCurrency(code: "points", expiry: .rolling(months: 1), noticeDays: [7], pendingDays: 5)
        let program = PointsProgram([currency], .utc)
        var account = PointsAccount(id: 1)
        try account.award(PointsAward(key: "o", amount: 100), currency, .utc, at: Self.start)
        let released = try #require(account.lots[1]?.availableAt)
        let lapsed = try #require(account.lots[1]?.expiresAt)
        try account.advance(to: Self.start.adding(days: 400), program)
        #expect(account.written.map(\.kind) == [.award, .release, .expire])
        #expect(account.written.map(\.at) == [Self.start, released, lapsed])
        #expect(account.balance("points").isZero)
    }

    @Test("a hold times out by itself, and what lapsed under it lapses then")
    func timeOut() throws {
        let currency = PointsCurrency(code: "points")
        let program = PointsProgram([currency], .utc)
        var account = PointsAccount(id: 1)
        let soon = Self.start.adding(days: 2)
        try account.award(PointsAward(key: "o", amount: 100, expiresAt: soon), currency, .utc, at: Self.start)
        try account.reserve(60, key: "h", until: Self.start.adding(days: 4), currency, at: Self.start)
        try account.advance(to: Self.start.adding(days: 3), program)
        #expect(account.balance("points").held == 60)
        #expect(account.lots[1]?.expired == 40)
        try account.advance(to: Self.start.adding(days: 5), program)
        #expect(account.holds["h"]?.state == .timedOut)
        #expect(account.lots[1]?.expired == 100)
        #expect(account.balance("points").isZero)
    }

    @Test("notices come once for each day of notice, for what lapses together")
    func notices() throws {
        let currency = PointsCurrency(code: "points", noticeDays: [30, 7])
        let program = PointsProgram([currency], .utc)
        var account = PointsAccount(id: 1)
        let end = Self.start.adding(days: 60)
        for key in ["a", "b"] {
            try account.award(PointsAward(key: key, amount: 50, expiresAt: end), currency, .utc, at: Self.start)
        }
        #expect(account.due(program) == end.adding(days: -30))
        for day in [29, 31, 32, 54, 55, 59] { try account.advance(to: Self.start.adding(days: day), program) }
        #expect(account.notices.map(\.days) == [30, 7])
        #expect(account.notices.map(\.amount) == [100, 100])
    }

    @Test("what lapsed of an award already counts as taken back")
    func lapsedIsTaken() throws {
        let currency = PointsCurrency(code: "points")
        let program = PointsProgram([currency], .utc)
        var account = PointsAccount(id: 1)
        try account.award(
            PointsAward(key: "o", amount: 100, expiresAt: Self.start.adding(days: 1)), currency, .utc, at: Self.start)
        try account.advance(to: Self.start.adding(days: 2), program)
        try account.reverse(award: "o", 100, as: "x", currency, at: Self.start.adding(days: 3))
        #expect(account.balance("points").isZero)
        #expect(account.balance("points").earned == 0)
        #expect(account.lots[1]?.expired == 0)
    }

    @Test("amounts below one, too large, or beyond any balance are refused")
    func amounts() {
        let currency = PointsCurrency(code: "points")
        for amount in [0, -5, Int64.min, .max] as [Int64] {
            var account = PointsAccount(id: 1)
            #expect(throws: PointsError.self) {
                try account.award(PointsAward(key: "o", amount: amount), currency, .utc, at: Self.start)
            }
            #expect(throws: PointsError.self) { try account.redeem(amount, key: "r", currency, .utc, at: Self.start) }
            #expect(throws: PointsError.self) {
                try account.adjust(amount, key: "a", note: [:], currency, .utc, at: Self.start)
            }
            #expect(account.balance("points").isZero)
        }
    }

    @Test(
        "expiry by rule",
        arguments: [
            (PointsExpiry.rolling(months: 12), "2026-01-31", "2027-02-01"),
            (.rolling(months: 1), "2026-12-05", "2027-02-01"),
            (.fixed(month: 12, day: 31, monthsMin: 6), "2026-03-10", "2027-01-01"),
            (.fixed(month: 12, day: 31, monthsMin: 6), "2026-08-10", "2028-01-01"),
            (.fixed(month: 2, day: 29, monthsMin: 0), "2026-02-10", "2026-03-01"),
        ])
    func expiry(rule: PointsExpiry, earned: String, lapses: String) throws {
        let calendar = try #require(LocalCalendar(timeZone: "Asia/Shanghai"))
        let day = try #require(LocalCalendar.day(fromText: earned))
        let moment = calendar.start(ofDay: day).adding(milliseconds: 50_000_000)
        let expected = try #require(LocalCalendar.day(fromText: lapses))
        #expect(rule.lapse(earned: moment, calendar) == calendar.start(ofDay: expected))
    }
}
