import Storage

extension PointsAccountRows {
    /// An account as it was loaded and as it is to be, with when time has something to do next.
    typealias Change = (before: PointsAccount, after: PointsAccount, dueBeforeMS: Int64?, due: Timestamp?)

    /// Writes what changed since `before`, and the transactions with the hash of the command that asked for them.
    /// Throws: `PointsError.keyReused` when a key stands for another command already, `StorageError`.
    static func save(
        _ changes: [Change], request: String?, requests: [String: String], at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try saveTransactions(changes.map(\.after), request, requests, connection)
        try saveBalances(changes, connection)
        try saveLots(changes, connection)
        var holds: [[SQLValue]] = []
        var redemptions: [[SQLValue]] = []
        for (old, new, _, _) in changes {
            let id = SQLValue.integer(new.id)
            for hold in new.holds.values.sorted(by: { $0.key < $1.key }) where old.holds[hold.key] != hold {
                holds.append(row(hold, id))
            }
            for redemption in new.redemptions.values.sorted(by: { $0.key < $1.key })
            where old.redemptions[redemption.key] != redemption {
                redemptions.append(row(redemption, id))
            }
        }
        try connection.executeMany(holdUpsert, holds)
        try connection.executeMany(redemptionUpsert, redemptions)
        try saveAccounts(changes, at: now, connection)
    }

    /// The accounts are locked, so a balance that was not there is nobody's to add.
    private static func saveBalances(_ changes: [Change], _ connection: any SQLConnection) throws {
        var opened: [[SQLValue]] = []
        var moved: [[SQLValue]] = []
        for (old, new, _, _) in changes {
            for (code, balance) in new.balances.sorted(by: { $0.key < $1.key }) {
                let place = [SQLValue.integer(new.id), .text(code)]
                if let before = old.balances[code] {
                    if before != balance { moved.append(values(balance) + place) }
                } else {
                    opened.append(place + values(balance))
                }
            }
        }
        try connection.executeMany(
            """
            INSERT INTO points_balances (account_id, currency, pending, available, held, owed, earned, inactive_ms,
                noticed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, opened)
        try connection.executeMany(
            """
            UPDATE points_balances SET pending = ?, available = ?, held = ?, owed = ?, earned = ?, inactive_ms = ?,
                noticed_ms = ? WHERE account_id = ? AND currency = ?
            """, moved)
    }

    /// New lots; those that only had points moved, which leaves alone what most indexes are over; and the rest.
    private static func saveLots(_ changes: [Change], _ connection: any SQLConnection) throws {
        var opened: [[SQLValue]] = []
        var moved: [[SQLValue]] = []
        var others: [[SQLValue]] = []
        for (old, new, _, _) in changes {
            let id = SQLValue.integer(new.id)
            for lot in new.lots.values.sorted(by: { $0.number < $1.number }) where old.lots[lot.number] != lot {
                if lot.number > old.lotsOpened {
                    opened.append(row(lot, id))
                } else if let before = old.lots[lot.number], lot.isSame(as: before) {
                    moved.append([
                        .integer(lot.remaining), .integer(lot.held), .integer(lot.reversed), .integer(lot.expired), id,
                        .integer(lot.number),
                    ])
                } else {
                    others.append(row(lot, id))
                }
            }
        }
        try connection.executeMany(lotInsert, opened)
        try connection.executeMany(
            """
            UPDATE points_lots SET remaining = ?, held = ?, reversed = ?, expired = ? WHERE account_id = ? AND lot = ?
            """, moved)
        try connection.executeMany(lotUpsert, others)
    }

    /// What falls due has an index: it is only written where it changed.
    private static func saveAccounts(
        _ changes: [Change], at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        var moved: [[SQLValue]] = []
        var due: [[SQLValue]] = []
        var closed: [[SQLValue]] = []
        for change in changes {
            let account = change.after
            let head: [SQLValue] = [
                .integer(account.sequence), .text(account.hash), .integer(account.lastAt.milliseconds),
                .integer(account.lotsOpened),
            ]
            let dueMS = change.due?.milliseconds
            if account.isClosed != change.before.isClosed {
                let closedMS = account.isClosed ? now.milliseconds : nil
                closed.append(head + [dueMS.sqlValue, closedMS.sqlValue, .integer(account.id)])
            } else if dueMS != change.dueBeforeMS {
                due.append(head + [dueMS.sqlValue, .integer(account.id)])
            } else {
                moved.append(head + [.integer(account.id)])
            }
        }
        try connection.executeMany(
            "UPDATE points_accounts SET sequence = ?, hash = ?, last_ms = ?, lots_opened = ? WHERE id = ?", moved)
        try connection.executeMany(
            "UPDATE points_accounts SET sequence = ?, hash = ?, last_ms = ?, lots_opened = ?, due_ms = ? WHERE id = ?",
            due)
        try connection.executeMany(
            """
            UPDATE points_accounts SET sequence = ?, hash = ?, last_ms = ?, lots_opened = ?, due_ms = ?, closed_ms = ?
            WHERE id = ?
            """, closed)
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

    private static let lotInsert = """
        INSERT INTO points_lots (account_id, lot, \(lotOthers.joined(separator: ", ")))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let lotUpsert = upsert("points_lots", key: ["account_id", "lot"], lotOthers)
    private static let lotOthers = [
        "currency", "lot_key", "amount", "earned_ms", "pending", "available_ms", "waits_for", "expires_ms",
        "remaining", "held", "reversed", "expired", "source",
    ]
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

    private static func values(_ balance: PointsBalance) -> [SQLValue] {
        [
            .integer(balance.pending), .integer(balance.available), .integer(balance.held), .integer(balance.owed),
            .integer(balance.earned), (balance.inactiveAt?.milliseconds).sqlValue,
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

extension PointsLot {
    /// Whether it is what it was but for where its points are.
    fileprivate func isSame(as before: PointsLot) -> Bool {
        var moved = before
        (moved.remaining, moved.held, moved.reversed, moved.expired) = (remaining, held, reversed, expired)
        return moved == self
    }
}
