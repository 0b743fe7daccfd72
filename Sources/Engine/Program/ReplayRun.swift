/// One person on the way through history.
struct ReplayRun {
    struct Grant {
        var account: Int64
        var line: String
        var key: String
        var currency: String
        var points: Int64
        var taken: Int64 = 0
    }

    var account: PointsAccount
    var tier: ReplayedTier?
    /// By order: what was given, by award key.
    var grants: [String: [Grant]] = [:]
    var sent: [ReplayGift] = []
    /// When the first of the orders that count was completed.
    let firstOrder: Timestamp?
    /// Before this moment time does nothing to the account.
    private var due = Self.unknown
    private var figures: [String: ProgramReplay.Figures] = [:]

    private static let unknown = Timestamp(milliseconds: .min)
    private static let never = Timestamp(milliseconds: .max)

    init(_ history: ProgramReplay.History, currency: String) {
        account = PointsAccount(id: history.account)
        account.isSketch = true
        var first: Int64?
        for (_, state) in history.orders {
            // What an order came to is computed only where it would be the first.
            guard let completed = state.completedMS, completed < first ?? .max,
                state.summary(currency: currency).status.counts
            else { continue }
            first = completed
        }
        firstOrder = first.map { Timestamp(milliseconds: $0) }
    }

    /// Brings the account to a moment. Throws: `PointsError` of a broken account.
    mutating func advance(to now: Timestamp) throws {
        guard now >= due else { return }
        due = try account.pass(to: now) ?? Self.never
        tally()
    }

    // MARK: What the ledger takes

    // What it refuses changes nothing. Each returns whether it took it.

    mutating func award(
        _ award: PointsAward, _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) -> Bool {
        guard
            attempt(
                { try $0.award(award, currency, calendar, at: now) },
                inPlace: account.hasRoom(for: award.amount, currency.code))
        else { return false }
        if let lot = account.lots[account.lotsOpened] {
            expect(lot.availableAt)
            expect(lot.expiresAt)
        }
        expect(account.balance(currency.code).inactiveAt)
        return true
    }

    mutating func reverse(
        award key: String, _ amount: Int64, as command: String, _ currency: PointsCurrency, at now: Timestamp
    ) -> Bool {
        due = Self.unknown
        return attempt { try $0.reverse(award: key, amount, as: command, currency, at: now) }
    }

    mutating func redeem(
        _ amount: Int64, key: String, _ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp
    ) -> Bool {
        due = Self.unknown
        return attempt(
            { try $0.redeem(amount, key: key, note: [:], currency, calendar, at: now) },
            inPlace: account.hasRoom(for: amount, currency.code))
    }

    /// `inPlace`: where it throws it has changed nothing; else it is tried on a copy.
    private mutating func attempt(_ body: (inout PointsAccount) throws -> Void, inPlace: Bool = false) -> Bool {
        do {
            guard !inPlace else {
                try body(&account)
                return true
            }
            var changed = account
            try body(&changed)
            account = changed
            return true
        } catch { return false }
    }

    /// Time may have something to do then.
    private mutating func expect(_ moment: Timestamp?) {
        if let moment { due = min(due, moment) }
    }

    // MARK: Figures

    /// Counts what was written, and lets go of it: only the figures are asked for.
    mutating func tally() {
        for transaction in account.written where !transaction.entries.isEmpty {
            Self.count(transaction.entries, &figures[transaction.currency, default: ProgramReplay.Figures()])
        }
        account.written.removeAll(keepingCapacity: true)
    }

    private static func count(_ entries: [PointsEntry], _ own: inout ProgramReplay.Figures) {
        for entry in entries {
            switch entry.ledger {
            case .issued where entry.amount < 0: own.issued -= entry.amount
            case .issued: own.takenBack += entry.amount
            case .redeemed: own.redeemed += entry.amount
            case .expired: own.expired += entry.amount
            default: break
            }
        }
    }

    /// The figures with what is outstanding now.
    var balanced: [String: ProgramReplay.Figures] {
        var figures = figures
        for (code, balance) in account.balances {
            figures[code, default: ProgramReplay.Figures()].outstanding =
                balance.pending + balance.available + balance.owed
        }
        return figures
    }
}
