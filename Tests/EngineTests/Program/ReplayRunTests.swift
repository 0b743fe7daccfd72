import Testing

@testable import Engine

/// The account of a replay beside one of the ledger: the same is asked of both at the same moments.
@Suite("Program what-if: accounts")
struct ReplayRunTests {
    private static let start = PointsAccountTests.start
    private static let currencies = [
        PointsCurrency(code: "points", expiry: .rolling(months: 2), pendingDays: 3, reversal: .deficit),
        PointsCurrency(code: "coins", expiry: .inactivity(months: 1), reversal: .withinBalance),
        PointsCurrency(code: "stamps", expiry: .fixed(month: 12, day: 31, monthsMin: 1), reversal: .pendingOnly),
    ]

    private static func begin() -> ReplayRun {
        let profile = Profile(id: 1, at: start, createdAt: start, sourceID: 1)
        let history = ProgramReplay.History(
            profileID: 1, account: 1, since: start, subject: CriteriaSubject(profile, ProfileState(), .utc))
        return ReplayRun(history, currency: "CNY")
    }

    /// What the ledger refuses changes nothing.
    private static func attempt(
        _ account: inout PointsAccount, _ body: (inout PointsAccount) throws -> Void
    ) -> Bool {
        var changed = account
        do { try body(&changed) } catch { return false }
        account = changed
        return true
    }

    private static func figures(_ account: PointsAccount) -> [String: ProgramReplay.Figures] {
        var figures: [String: ProgramReplay.Figures] = [:]
        for transaction in account.written {
            func sum(_ ledger: Ledger, _ isMeant: (Int64) -> Bool = { _ in true }) -> Int64 {
                transaction.entries.reduce(0) { $1.ledger == ledger && isMeant($1.amount) ? $0 + $1.amount : $0 }
            }
            var own = figures[transaction.currency] ?? ProgramReplay.Figures()
            own.issued -= sum(.issued) { $0 < 0 }
            own.takenBack += sum(.issued) { $0 > 0 }
            own.redeemed += sum(.redeemed)
            own.expired += sum(.expired)
            figures[transaction.currency] = own
        }
        for (code, balance) in account.balances {
            figures[code, default: ProgramReplay.Figures()].outstanding =
                balance.pending + balance.available + balance.owed
        }
        return figures
    }

    @Test(
        "has what the ledger would have, whatever is given, taken back, spent and refused",
        arguments: 0..<40 as Range<UInt64>)
    func agreement(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func roll(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
        let program = PointsProgram(Self.currencies, .utc)
        var (run, account, now) = (Self.begin(), PointsAccount(id: 1), Self.start)
        var awards: [(key: String, amount: Int64, currency: PointsCurrency)] = []
        var (taken, refused) = (0, 0)
        for step in 0..<250 {
            now = now.adding(milliseconds: roll(0...172_800_000) * (roll(0...9) == 0 ? 20 : 1))
            try run.advance(to: now)
            try account.advance(to: now, program)
            let (currency, amount, moment) = (Self.currencies[Int(roll(0...2))], roll(1...200), now)
            let answers: (Bool, Bool)
            switch roll(0...9) {
            case 0...4:
                var award = PointsAward(key: "k\(step)", amount: amount)
                switch roll(0...5) {
                case 0: award.availableAt = now.adding(days: Int(roll(1...9)))
                case 1: award.expiresAt = now.adding(days: Int(roll(-2...20)))
                default: break
                }
                let given = award
                answers = (
                    run.award(given, currency, .utc, at: moment),
                    Self.attempt(&account) { try $0.award(given, currency, .utc, at: moment) }
                )
                awards.append((award.key, amount, currency))
            case 5, 6:
                guard let award = awards.randomElement(using: &generator) else { continue }
                let part = roll(1...award.amount)
                answers = (
                    run.reverse(award: award.key, part, as: "b\(step)", award.currency, at: moment),
                    Self.attempt(&account) {
                        try $0.reverse(award: award.key, part, as: "b\(step)", award.currency, at: moment)
                    }
                )
            default:
                answers = (
                    run.redeem(amount, key: "r\(step)", currency, .utc, at: moment),
                    Self.attempt(&account) { try $0.redeem(amount, key: "r\(step)", currency, .utc, at: moment) }
                )
            }
            if answers.0 { taken += 1 } else { refused += 1 }
            let isSame =
                answers.0 == answers.1 && run.account.balances == account.balances && run.account.lots == account.lots
                && run.account.sequence == account.sequence
            #expect(isSame, "step \(step)")
            guard isSame else { return }
        }
        run.tally()
        #expect(run.balanced == Self.figures(account))
        #expect(taken > 50 && refused > 0)
    }

    @Test("an award that no balance has room for changes nothing")
    func bound() {
        var run = Self.begin()
        let currency = PointsCurrency(code: "points")
        var balance = PointsBalance()
        balance.earned = PointsLimits.balanceMax - 10
        run.account.balances["points"] = balance
        let before = run.account
        let isTooMuch = !run.award(PointsAward(key: "much", amount: 11), currency, .utc, at: Self.start)
        #expect(isTooMuch && run.account == before)
        let fits = run.award(PointsAward(key: "fits", amount: 10), currency, .utc, at: Self.start)
        #expect(fits)
        #expect(run.account.balance("points").available == 10)
    }
}
