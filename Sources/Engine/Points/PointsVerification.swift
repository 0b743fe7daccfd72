import Storage

/// Whether the stored ledger is what its transactions say, and nothing was changed, left out or put in.
package enum PointsVerification {
    /// One thing that is wrong.
    package struct Flaw: Sendable, Equatable {
        /// 0: of the ledger as a whole.
        package var account: Int64
        package var text: String
    }

    package struct Result: Sendable, Equatable {
        package var accounts = 0
        package var transactions = 0
        package var flaws: [Flaw] = []
        /// Entries of each currency by ledger, which add up to zero.
        package var totals: [String: [Ledger: Int64]] = [:]

        package init() {}
    }

    private static let batchAccounts = 200
    package static let flawsMax = 1_000

    /// Replays every account and compares rows, sums and heads. Reads only; `report` is told how many accounts are
    /// done. Throws: `StorageError`.
    package static func run(
        _ platform: Platform, report: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Result {
        var result = Result()
        var after: Int64 = 0
        while result.flaws.count < flawsMax {
            let last = after
            let part = try await platform.store.read { try accounts(after: last, $0) }
            guard let end = part.end else { break }
            result.accounts += part.result.accounts
            result.transactions += part.result.transactions
            result.flaws += part.result.flaws
            after = end
            report(result.accounts)
        }
        let (totals, headFlaws, poolFlaws) = try await platform.store.read { connection in
            (
                try trialBalance(connection), try PointsHeads.flaws(connection),
                try PoolVerification.flaws(connection)
            )
        }
        result.totals = totals
        result.flaws += poolFlaws
        result.flaws += headFlaws.map { Flaw(account: 0, text: $0) }
        for (currency, ledgers) in totals.sorted(by: { $0.key < $1.key }) {
            let sum = ledgers.values.reduce(0, +)
            if sum != 0 { result.flaws.append(Flaw(account: 0, text: "\(currency): entries add up to \(sum)")) }
            if let moved = ledgers[.transferred], moved != 0 {
                result.flaws.append(Flaw(account: 0, text: "\(currency): transfers add up to \(moved)"))
            }
        }
        return result
    }

    /// What the ledgers of each currency add up to. Throws: `StorageError`.
    package static func trialBalance(_ connection: any SQLConnection) throws -> [String: [Ledger: Int64]] {
        var totals: [String: [Ledger: Int64]] = [:]
        let rows = try connection.query(
            """
            SELECT currency, ledger, CAST(sum(amount) AS BIGINT) FROM points_entries
            GROUP BY currency, ledger ORDER BY currency, ledger
            """)
        for row in rows {
            guard let ledger = Ledger(rawValue: try row.text(1)) else { continue }
            totals[try row.text(0), default: [:]][ledger] = try row.int(2)
        }
        return totals
    }

    private static func accounts(
        after: Int64, _ connection: any SQLConnection
    ) throws -> (result: Result, end: Int64?) {
        var result = Result()
        let ids = try connection.query(
            "SELECT id FROM points_accounts WHERE id > \(after) ORDER BY id LIMIT \(batchAccounts)"
        ).map { try $0.int(0) }
        let stored = try PointsAccountRows.load(ids, .everything, locking: false, connection)
        for id in ids {
            guard let account = stored[id]?.account else { continue }
            let transactions = try connection.query(
                "SELECT document, hash FROM points_transactions WHERE account_id = \(id) ORDER BY sequence")
            result.accounts += 1
            result.transactions += transactions.count
            do {
                let read = try transactions.map { try PointsTransaction(parsing: $0.text(0), hash: $0.text(1)) }
                let rebuilt = try PointsAccount(id: id, replaying: read)
                let entries = try connection.query(
                    """
                    SELECT sequence, ledger, lot, amount, currency FROM points_entries
                    WHERE account_id = \(id) ORDER BY sequence, line
                    """)
                let texts = differences(rebuilt, account) + (try differences(read, entries)) + account.flaws()
                result.flaws += texts.map { Flaw(account: id, text: $0) }
            } catch PointsError.broken(_, let sequence, let reason) {
                result.flaws.append(Flaw(account: id, text: "transaction \(sequence): \(reason)"))
            } catch let error as JSONError {
                result.flaws.append(Flaw(account: id, text: "a transaction cannot be read: \(error)"))
            }
        }
        return (result, ids.last)
    }

    private static func differences(_ rebuilt: PointsAccount, _ stored: PointsAccount) -> [String] {
        var texts: [String] = []
        if (rebuilt.sequence, rebuilt.hash, rebuilt.lotsOpened) != (stored.sequence, stored.hash, stored.lotsOpened) {
            texts.append("the account says \(stored.sequence) transactions, there are \(rebuilt.sequence)")
        }
        for code in Set(rebuilt.balances.keys).union(stored.balances.keys).sorted() {
            var (was, now) = (rebuilt.balance(code), stored.balance(code))
            (was.noticedTo, now.noticedTo) = (PointsBalance().noticedTo, PointsBalance().noticedTo)
            if was != now { texts.append("\(code): the balance is not what the transactions say") }
        }
        for number in Set(rebuilt.lots.keys).union(stored.lots.keys).sorted()
        where rebuilt.lots[number] != stored.lots[number] {
            texts.append("lot \(number) is not what the transactions say")
        }
        for key in Set(rebuilt.holds.keys).union(stored.holds.keys).sorted()
        where rebuilt.holds[key] != stored.holds[key] {
            texts.append("hold \(key) is not what the transactions say")
        }
        for key in Set(rebuilt.redemptions.keys).union(stored.redemptions.keys).sorted()
        where rebuilt.redemptions[key] != stored.redemptions[key] {
            texts.append("redemption \(key) is not what the transactions say")
        }
        return texts
    }

    private static func differences(_ transactions: [PointsTransaction], _ rows: [SQLRow]) throws -> [String] {
        let said = transactions.flatMap { transaction in
            transaction.entries.map { (transaction.sequence, $0, transaction.currency) }
        }
        guard said.count == rows.count else {
            return ["there are \(rows.count) entries, the transactions have \(said.count)"]
        }
        for ((sequence, entry, currency), row) in zip(said, rows) {
            let isSame =
                try row.int(0) == sequence && row.text(1) == entry.ledger.rawValue && row.int(2) == entry.lot
                && row.int(3) == entry.amount && row.text(4) == currency
            if !isSame { return ["an entry of transaction \(sequence) is not what the transaction says"] }
        }
        return []
    }
}
