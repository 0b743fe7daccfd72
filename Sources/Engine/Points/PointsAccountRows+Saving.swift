import Storage

extension PointsAccountRows {
    /// An account as it was loaded and as it is to be: what is written of it, and what it says happened.
    struct Change: Sendable {
        /// A change of what stands in the account's own row.
        enum Head { case same, moved, due, closed }

        var head = Head.same
        var account: [SQLValue] = []
        var transactions: [[SQLValue]] = []
        var entries: [[SQLValue]] = []
        var openedBalances: [[SQLValue]] = []
        var movedBalances: [[SQLValue]] = []
        var openedLots: [[SQLValue]] = []
        var movedLots: [[SQLValue]] = []
        var otherLots: [[SQLValue]] = []
        var holds: [[SQLValue]] = []
        var redemptions: [[SQLValue]] = []
        var said: [SystemEvent]
    }

    /// Writes what changed. Throws: `PointsError.keyReused` when a key stands for another command already, `StorageError`.
    static func save(_ changes: [Change], _ connection: any SQLConnection) throws {
        try saveTransactions(changes.flatMap(\.transactions), connection)
        try connection.executeMany(
            """
            INSERT INTO points_entries (account_id, sequence, line, ledger, currency, lot, amount, at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, changes.flatMap(\.entries))
        // The accounts are locked, so a balance that was not there is nobody's to add.
        try connection.executeMany(
            """
            INSERT INTO points_balances (account_id, currency, pending, available, held, owed, earned, inactive_ms,
                noticed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, changes.flatMap(\.openedBalances))
        try connection.executeMany(
            """
            UPDATE points_balances SET pending = ?, available = ?, held = ?, owed = ?, earned = ?, inactive_ms = ?,
                noticed_ms = ? WHERE account_id = ? AND currency = ?
            """, changes.flatMap(\.movedBalances))
        // New lots; those that only had points moved, which leaves alone what most indexes are over; and the rest.
        try connection.executeMany(lotInsert, changes.flatMap(\.openedLots))
        try connection.executeMany(
            """
            UPDATE points_lots SET remaining = ?, held = ?, reversed = ?, expired = ? WHERE account_id = ? AND lot = ?
            """, changes.flatMap(\.movedLots))
        try connection.executeMany(lotUpsert, changes.flatMap(\.otherLots))
        try connection.executeMany(holdUpsert, changes.flatMap(\.holds))
        try connection.executeMany(redemptionUpsert, changes.flatMap(\.redemptions))
        try saveAccounts(changes, connection)
    }

    /// What falls due has an index: it is only written where it changed.
    private static func saveAccounts(_ changes: [Change], _ connection: any SQLConnection) throws {
        func rows(_ head: Change.Head) -> [[SQLValue]] { changes.filter { $0.head == head }.map(\.account) }
        try connection.executeMany(
            "UPDATE points_accounts SET sequence = ?, hash = ?, last_ms = ?, lots_opened = ? WHERE id = ?",
            rows(.moved))
        try connection.executeMany(
            "UPDATE points_accounts SET sequence = ?, hash = ?, last_ms = ?, lots_opened = ?, due_ms = ? WHERE id = ?",
            rows(.due))
        try connection.executeMany(
            """
            UPDATE points_accounts SET sequence = ?, hash = ?, last_ms = ?, lots_opened = ?, due_ms = ?, closed_ms = ?
            WHERE id = ?
            """, rows(.closed))
    }

    private static func saveTransactions(_ rows: [[SQLValue]], _ connection: any SQLConnection) throws {
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
}

// MARK: Rows. Pure.

extension PointsAccountRows.Change {
    /// - Parameters:
    ///   - postponed: when time is to look at the account again; nil: when something in it falls due.
    ///   - request: hash of the command that asked for it; of many commands `requests`, by their transactions' keys.
    init(
        _ loaded: PointsAccountRows.Loaded, _ after: PointsAccount, _ postponed: Timestamp?, _ program: PointsProgram,
        request: String?, _ requests: [String: String], at now: Timestamp
    ) {
        said = PointsEvents.said(by: after, profile: loaded.profileID, at: now)
        // Without its lots, an account knows only what the lots of now add to the time it had.
        var due = postponed ?? (after.isClosed ? nil : after.due(program))
        if loaded.depth == .balances, let known = loaded.dueMS {
            due = min(due ?? Timestamp(milliseconds: known), Timestamp(milliseconds: known))
        }
        guard after != loaded.account || due?.milliseconds != loaded.dueMS else { return }
        addTransactions(of: after, request, requests)
        addBalances(loaded.account, after)
        addLots(loaded.account, after)
        let id = SQLValue.integer(after.id)
        for hold in after.holds.values.sorted(by: { $0.key < $1.key }) where loaded.account.holds[hold.key] != hold {
            holds.append(Self.row(hold, id))
        }
        for redemption in after.redemptions.values.sorted(by: { $0.key < $1.key })
        where loaded.account.redemptions[redemption.key] != redemption {
            redemptions.append(Self.row(redemption, id))
        }
        account = [
            .integer(after.sequence), .text(after.hash), .integer(after.lastAt.milliseconds),
            .integer(after.lotsOpened),
        ]
        let dueMS = due?.milliseconds
        if after.isClosed != loaded.account.isClosed {
            head = .closed
            account += [dueMS.sqlValue, (after.isClosed ? now.milliseconds : nil).sqlValue]
        } else if dueMS != loaded.dueMS {
            head = .due
            account.append(dueMS.sqlValue)
        } else {
            head = .moved
        }
        account.append(id)
    }

    private mutating func addTransactions(
        of account: PointsAccount, _ request: String?, _ requests: [String: String]
    ) {
        precondition(account.written.count == account.documents.count, "each transaction has its text")
        for (transaction, document) in zip(account.written, account.documents) {
            let (id, sequence) = (SQLValue.integer(transaction.account), SQLValue.integer(transaction.sequence))
            let (at, currency) = (SQLValue.integer(transaction.at.milliseconds), SQLValue.text(transaction.currency))
            transactions.append([
                id, sequence, transaction.key.sqlValue, transaction.key.flatMap { requests[$0] ?? request }.sqlValue,
                .text(transaction.kind.rawValue), at, currency, .integer(transaction.change), .text(document),
                .text(transaction.hash),
            ])
            for (line, entry) in transaction.entries.enumerated() {
                entries.append([
                    id, sequence, .integer(Int64(line)), .text(entry.ledger.rawValue), currency, .integer(entry.lot),
                    .integer(entry.amount), at,
                ])
            }
        }
    }

    private mutating func addBalances(_ old: PointsAccount, _ new: PointsAccount) {
        for (code, balance) in new.balances.sorted(by: { $0.key < $1.key }) {
            let place = [SQLValue.integer(new.id), .text(code)]
            if let before = old.balances[code] {
                if before != balance { movedBalances.append(Self.values(balance) + place) }
            } else {
                openedBalances.append(place + Self.values(balance))
            }
        }
    }

    private mutating func addLots(_ old: PointsAccount, _ new: PointsAccount) {
        let id = SQLValue.integer(new.id)
        for lot in new.lots.values.sorted(by: { $0.number < $1.number }) where old.lots[lot.number] != lot {
            if lot.number > old.lotsOpened {
                openedLots.append(Self.row(lot, id))
            } else if let before = old.lots[lot.number], lot.isSame(as: before) {
                movedLots.append([
                    .integer(lot.remaining), .integer(lot.held), .integer(lot.reversed), .integer(lot.expired), id,
                    .integer(lot.number),
                ])
            } else {
                otherLots.append(Self.row(lot, id))
            }
        }
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
