/// One account of the ledger, a member's or a pool's, as a pure state machine: commands check, move points between
/// ledgers, and leave transactions in `written`; nothing here reads a clock or a store.
///
/// Invariants, after every command: every transaction adds up to zero; no lot and no available, pending or held balance
/// is below zero; lots add up to balances, shares of open holds to what is held; while something is owed nothing is
/// available. A command that throws may leave this value half changed: work on a copy.
///
/// Lots that are spent, and redemptions, need only be there for the commands that name them.
package struct PointsAccount: Sendable, Equatable {
    package let id: Int64
    /// Of the last transaction, and its hash.
    package var sequence: Int64 = 0
    package var hash = PointsTransaction.firstHash
    package var lotsOpened: Int64 = 0
    /// Of the last transaction: none is ever dated before another.
    package var lastAt = Timestamp(milliseconds: 0)
    package var isClosed = false
    package var balances: [String: PointsBalance] = [:]
    package var lots: [Int64: PointsLot] = [:]
    package var holds: [String: PointsHold] = [:]
    package var redemptions: [String: PointsRedemption] = [:]
    /// What commands wrote since the account was loaded.
    package var written: [PointsTransaction] = []
    /// The texts of `written`, one of each, as they were hashed.
    package var documents: [String] = []
    package var notices: [PointsNotice] = []
    /// Nobody keeps its statement: of transactions only what moved is noted, and no notice is given.
    var isSketch = false

    package init(id: Int64) {
        self.id = id
    }

    package func balance(_ currency: String) -> PointsBalance {
        balances[currency] ?? PointsBalance()
    }

    /// A transaction in the making, and the lots it touched.
    struct Draft {
        var kind: PointsTransaction.Kind
        var currency: String
        var key: String?
        var subject = ""
        var counterpart: Int64?
        var note: [String: String] = [:]
        var waived: Int64 = 0
        var entries: [PointsEntry] = []
        var lots: Set<Int64> = []
        var holds: Set<String> = []
        var redemptions: Set<String> = []

        init(_ kind: PointsTransaction.Kind, _ currency: String, key: String? = nil) {
            self.kind = kind
            self.currency = currency
            self.key = key
        }
    }

    /// Moves points from one ledger to another. `because` is the lot of the other side where it is another.
    mutating func move(
        _ amount: Int64, _ from: Ledger, _ to: Ledger, lot: Int64, because: Int64? = nil, _ draft: inout Draft
    ) throws {
        guard amount != 0 else { return }
        precondition(amount > 0, "points move forwards")
        for entry in [PointsEntry(from, -amount, lot: lot), PointsEntry(to, amount, lot: because ?? lot)] {
            try apply(entry, draft.currency)
            draft.entries.append(entry)
            if entry.lot != 0, !isSketch { draft.lots.insert(entry.lot) }
        }
    }

    private mutating func apply(_ entry: PointsEntry, _ currency: String) throws {
        balances[currency, default: PointsBalance()].add(entry)
        guard balance(currency).most <= PointsLimits.balanceMax else { throw PointsError.balanceTooLarge }
        guard entry.lot != 0 else { return }
        lots[entry.lot]?.add(entry)
    }

    /// Opens a lot with nothing in it yet.
    mutating func openLot(_ lot: PointsLot, _ draft: inout Draft) -> Int64 {
        lotsOpened += 1
        var lot = lot
        lot.number = lotsOpened
        lots[lot.number] = lot
        if !isSketch { draft.lots.insert(lot.number) }
        return lot.number
    }

    /// Closes the draft: numbers, dates and hashes it.
    mutating func post(_ draft: Draft, at now: Timestamp) {
        sequence += 1
        lastAt = max(lastAt, now)
        guard !isSketch else {
            return written.append(
                PointsTransaction(
                    account: id, sequence: sequence, kind: draft.kind, at: lastAt, currency: draft.currency,
                    entries: draft.entries))
        }
        var transaction = PointsTransaction(
            account: id, sequence: sequence, kind: draft.kind, key: draft.key, at: lastAt, currency: draft.currency,
            entries: draft.entries, lots: draft.lots.sorted().compactMap { lots[$0] },
            holds: draft.holds.sorted().compactMap { holds[$0] },
            redemptions: draft.redemptions.sorted().compactMap { redemptions[$0] }, subject: draft.subject,
            counterpart: draft.counterpart, waived: draft.waived, note: draft.note, after: balance(draft.currency))
        transaction.after.noticedTo = PointsBalance().noticedTo
        let sealed = transaction.sealed(after: hash)
        (transaction.hash, hash) = (sealed.hash, sealed.hash)
        written.append(transaction)
        documents.append(sealed.text)
    }

    // MARK: What commands share

    /// Whether balances stay within their bounds whatever is done with so many points: what gives or spends them then
    /// throws before it changes anything, or not at all.
    func hasRoom(for amount: Int64, _ currency: String) -> Bool {
        amount >= 0 && amount <= PointsLimits.balanceMax - balance(currency).most
    }

    func checkOpen() throws {
        guard !isClosed else { throw PointsError.accountClosed(id) }
    }

    static func check(_ amount: Int64) throws {
        guard (1...PointsLimits.amountMax).contains(amount) else {
            throw PointsError.amount(amount, limit: PointsLimits.amountMax)
        }
    }

    /// The member did something: inactivity counts from now.
    mutating func act(_ currency: PointsCurrency, _ calendar: LocalCalendar, at now: Timestamp) {
        let inactive = currency.expiry.inactive(since: max(now, lastAt), calendar)
        balances[currency.code, default: PointsBalance()].inactiveAt = inactive
    }

    /// Lots to take an available amount from, in spending order. Throws: `PointsError.insufficient`.
    func shares(of amount: Int64, _ currency: String) throws -> [PointsShare] {
        let balance = balance(currency)
        guard balance.available >= amount else {
            throw PointsError.insufficient(available: balance.available, wanted: amount)
        }
        var rest = amount
        var shares: [PointsShare] = []
        for lot in lots.values.filter({ $0.currency == currency && $0.isAvailable }).sorted(by: PointsLot.spendsBefore)
        {
            guard rest > 0 else { break }
            let part = min(rest, lot.remaining)
            shares.append(PointsShare(lot: lot.number, amount: part))
            rest -= part
        }
        guard rest == 0 else {
            throw PointsError.broken(account: id, sequence: sequence, reason: "lots do not add up to the balance")
        }
        return shares
    }

    /// What came back to lots: what of it has lapsed meanwhile lapses now, and what is left repays what is owed.
    mutating func settle(_ numbers: [Int64], at now: Timestamp, _ draft: inout Draft) throws {
        for number in numbers {
            guard let lot = lots[number], lot.isAvailable else { continue }
            if lot.hasLapsed(at: now) {
                try move(lot.remaining, .available, .expired, lot: number, &draft)
            } else {
                let debt = -balance(draft.currency).owed
                try move(min(debt, lot.remaining), .available, .owed, lot: number, &draft)
            }
        }
    }
}

extension PointsLot {
    mutating func add(_ entry: PointsEntry) {
        switch entry.ledger {
        case .pending, .available: remaining += entry.amount
        case .held: held += entry.amount
        case .expired: expired += entry.amount
        case .issued where entry.amount > 0: reversed += entry.amount
        default: break
        }
    }
}
