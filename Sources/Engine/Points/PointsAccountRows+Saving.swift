import Storage

extension PointsAccountRows {
    /// Writes what changed since `before`, and the transactions with the hash of the command that asked for them.
    /// Throws: `PointsError.keyReused` when a key stands for another command already, `StorageError`.
    static func save(
        _ changes: [(before: PointsAccount, after: PointsAccount, due: Timestamp?)], request: String?,
        requests: [String: String], at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try saveTransactions(changes.map(\.after), request, requests, connection)
        var balances: [[SQLValue]] = []
        var lots: [[SQLValue]] = []
        var holds: [[SQLValue]] = []
        var redemptions: [[SQLValue]] = []
        for change in changes {
            let (old, new) = (change.before, change.after)
            let id = SQLValue.integer(new.id)
            for (code, balance) in new.balances.sorted(by: { $0.key < $1.key }) where old.balances[code] != balance {
                balances.append(row(balance, code, id))
            }
            for lot in new.lots.values.sorted(by: { $0.number < $1.number }) where old.lots[lot.number] != lot {
                lots.append(row(lot, id))
            }
            for hold in new.holds.values.sorted(by: { $0.key < $1.key }) where old.holds[hold.key] != hold {
                holds.append(row(hold, id))
            }
            for redemption in new.redemptions.values.sorted(by: { $0.key < $1.key })
            where old.redemptions[redemption.key] != redemption {
                redemptions.append(row(redemption, id))
            }
        }
        try connection.executeMany(balanceUpsert, balances)
        try connection.executeMany(lotUpsert, lots)
        try connection.executeMany(holdUpsert, holds)
        try connection.executeMany(redemptionUpsert, redemptions)
        try connection.executeMany(
            """
            UPDATE points_accounts SET sequence = ?, hash = ?, last_ms = ?, lots_opened = ?, due_ms = ?,
                closed_ms = CASE WHEN CAST(? AS BIGINT) = 0 THEN NULL ELSE coalesce(closed_ms, CAST(? AS BIGINT)) END
            WHERE id = ?
            """,
            changes.map { change in
                let account = change.after
                return [
                    .integer(account.sequence), .text(account.hash), .integer(account.lastAt.milliseconds),
                    .integer(account.lotsOpened), (change.due?.milliseconds).sqlValue,
                    .integer(account.isClosed ? 1 : 0), .integer(now.milliseconds), .integer(account.id),
                ]
            })
    }

    private static func saveTransactions(
        _ accounts: [PointsAccount], _ request: String?, _ requests: [String: String],
        _ connection: any SQLConnection
    ) throws {
        var rows: [[SQLValue]] = []
        var entries: [[SQLValue]] = []
        for account in accounts {
            precondition(account.written.count == account.documents.count, "each transaction has its text")
            for (transaction, document) in zip(account.written, account.documents) {
                let (id, sequence) = (SQLValue.integer(transaction.account), SQLValue.integer(transaction.sequence))
                let (at, currency) = (
                    SQLValue.integer(transaction.at.milliseconds), SQLValue.text(transaction.currency)
                )
                rows.append([
                    id, sequence, transaction.key.sqlValue,
                    transaction.key.flatMap { requests[$0] ?? request }.sqlValue, .text(transaction.kind.rawValue),
                    at, currency, .integer(transaction.change), .text(document), .text(transaction.hash),
                ])
                for (line, entry) in transaction.entries.enumerated() {
                    entries.append([
                        id, sequence, .integer(Int64(line)), .text(entry.ledger.rawValue), currency,
                        .integer(entry.lot), .integer(entry.amount), at,
                    ])
                }
            }
        }
        let written = try connection.executeMany(
            """
            INSERT INTO points_transactions (account_id, sequence, transaction_key, request_hash, kind, at_ms, currency,
                change, document, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """, rows)
        for (row, count) in zip(rows, written) where count == 0 {
            guard case .text(let key) = row[2] else {
                throw StorageError.unexpectedValue(
                    column: 1, expected: "a new transaction", found: "one of this number")
            }
            throw PointsError.keyReused(key)
        }
        try connection.executeMany(
            """
            INSERT INTO points_entries (account_id, sequence, line, ledger, currency, lot, amount, at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, entries)
    }

    private static let balanceUpsert = upsert(
        "points_balances", key: ["account_id", "currency"],
        ["pending", "available", "held", "owed", "earned", "inactive_ms", "noticed_ms"])
    private static let lotUpsert = upsert(
        "points_lots", key: ["account_id", "lot"],
        [
            "currency", "lot_key", "amount", "earned_ms", "pending", "available_ms", "waits_for", "expires_ms",
            "remaining", "held", "reversed", "expired", "source",
        ])
    private static let holdUpsert = upsert(
        "points_holds", key: ["hold_key"],
        ["account_id", "currency", "amount", "captured", "shares", "until_ms", "state"])
    private static let redemptionUpsert = upsert(
        "points_redemptions", key: ["redemption_key"], ["account_id", "currency", "amount", "at_ms", "shares"])

    /// The key's columns come first in a row.
    private static func upsert(_ table: String, key: [String], _ others: [String]) -> String {
        let columns = key + others
        let values = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let sets = others.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(values))
            ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(sets)
            """
    }

    private static func row(_ balance: PointsBalance, _ currency: String, _ id: SQLValue) -> [SQLValue] {
        [
            id, .text(currency), .integer(balance.pending), .integer(balance.available), .integer(balance.held),
            .integer(balance.owed), .integer(balance.earned), (balance.inactiveAt?.milliseconds).sqlValue,
            .integer(balance.noticedTo.milliseconds),
        ]
    }

    private static func row(_ lot: PointsLot, _ id: SQLValue) -> [SQLValue] {
        [
            id, .integer(lot.number), .text(lot.currency), .text(lot.key), .integer(lot.amount),
            .integer(lot.earnedAt.milliseconds), lot.isPending.sqlValue, (lot.availableAt?.milliseconds).sqlValue,
            .text(lot.waitsFor), (lot.expiresAt?.milliseconds).sqlValue, .integer(lot.remaining), .integer(lot.held),
            .integer(lot.reversed), .integer(lot.expired), .text(lot.source),
        ]
    }

    private static func row(_ hold: PointsHold, _ id: SQLValue) -> [SQLValue] {
        [
            .text(hold.key), id, .text(hold.currency), .integer(hold.amount), .integer(hold.captured),
            .text(PointsShare.text(hold.shares)), .integer(hold.until.milliseconds), .text(hold.state.rawValue),
        ]
    }

    private static func row(_ redemption: PointsRedemption, _ id: SQLValue) -> [SQLValue] {
        [
            .text(redemption.key), id, .text(redemption.currency), .integer(redemption.amount),
            .integer(redemption.at.milliseconds), .text(PointsShare.text(redemption.shares)),
        ]
    }
}
