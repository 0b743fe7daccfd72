/// The account as its transactions tell it, and nothing else: what `perennial ledger verify` compares the stored rows
/// with.
extension PointsAccount {
    /// Throws: `PointsError.broken` naming the first transaction that does not follow from those before it.
    package init(id: Int64, replaying transactions: some Sequence<PointsTransaction>) throws {
        self.init(id: id)
        for transaction in transactions { try replay(transaction) }
        written = []
    }

    private mutating func replay(_ transaction: PointsTransaction) throws {
        func require(_ holds: Bool, _ reason: @autoclosure () -> String) throws {
            guard holds else {
                throw PointsError.broken(account: id, sequence: transaction.sequence, reason: reason())
            }
        }
        try require(transaction.account == id, "it belongs to another account")
        try require(transaction.sequence == sequence + 1, "its number does not follow \(sequence)")
        try require(transaction.at >= lastAt, "it is dated before the one before it")
        try require(transaction.entries.reduce(0) { $0 + $1.amount } == 0, "its entries do not add up to zero")
        let expected = transaction.sealed(after: hash).hash
        try require(transaction.hash == expected, "its hash does not follow from its text and the hash before it")
        let code = transaction.currency
        for lot in transaction.lots where lots[lot.number] == nil {
            try require(lot.number == lotsOpened + 1, "it opens lot \(lot.number) out of turn")
            lotsOpened += 1
            var empty = lot
            (empty.remaining, empty.held) = (0, 0)
            if transaction.kind != .mergeIn { (empty.reversed, empty.expired) = (0, 0) }
            lots[lot.number] = empty
        }
        var balance = balance(code)
        for entry in transaction.entries {
            balance.add(entry)
            guard entry.lot != 0 else { continue }
            try require(lots[entry.lot] != nil, "it moves lot \(entry.lot), which there is not")
            lots[entry.lot]?.add(entry)
        }
        if [.mergeIn, .mergeOut].contains(transaction.kind) { balance.earned = transaction.after.earned }
        balance.inactiveAt = transaction.after.inactiveAt
        try require(balance == transaction.after, "the balance after it is another")
        balances[code] = balance
        for lot in transaction.lots {
            let own = lots[lot.number]
            try require(
                own?.remaining == lot.remaining && own?.held == lot.held && own?.expired == lot.expired,
                "lot \(lot.number) does not have what its entries add up to")
            try require(lot.remaining >= 0 && lot.held >= 0, "lot \(lot.number) is below zero")
            lots[lot.number] = lot
        }
        // A merge that is undone takes with it only the redemptions that it names.
        if transaction.kind == .mergeOut, transaction.key?.hasPrefix("merge_out:") ?? false {
            holds = holds.filter { $0.value.currency != code || $0.value.state != .open }
            redemptions = redemptions.filter { $0.value.currency != code }
        }
        for hold in transaction.holds { holds[hold.key] = hold }
        for redemption in transaction.redemptions {
            redemptions[redemption.key] = redemption.amount == 0 ? nil : redemption
        }
        (sequence, hash, lastAt) = (transaction.sequence, transaction.hash, transaction.at)
    }
}
