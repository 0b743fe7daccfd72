import Storage

/// The ledger of points: what members earn, spend, reserve, give away and lose.
///
/// Invariants: every command either writes its transactions, balances, lots, holds and what it says happened in one
/// transaction of the store, or nothing. What time had brought about before the command comes first. A key stands for
/// one command for all time. Accounts are locked in the order of their ids, so that tills at the same moment wait and
/// do not tread on each other. Amounts are integers; nothing is rounded here but a transfer's fee.
package enum Points {
    /// What a command wrote, in each account that it touched; `isRepeat`: the answer of the first time.
    package struct Answer: Sendable, Equatable {
        package var transactions: [PointsTransaction]
        package var isRepeat: Bool
    }

    /// Performs a command in one transaction of the store. Throws: `PointsError`, `StorageError`.
    package static func perform(_ command: PointsCommand, _ platform: Platform) async throws -> Answer {
        // Hashed before the store is asked for: its one writer, where it has only one, is to write.
        try command.check()
        let (request, effects) = (command.fingerprint, platform.effects)
        return try await platform.store.write {
            try perform(command, request, isApproved: false, effects: effects, $0)
        }
    }

    /// The same in the open transaction; append to the log last (`SystemEventLog`), which this does.
    /// - Parameter isApproved: another user approved what is done by hand (`Approvals`).
    package static func perform(
        _ command: PointsCommand, isApproved: Bool = false, effects: Effects, _ connection: any SQLConnection
    ) throws -> Answer {
        try command.check()
        return try perform(command, command.fingerprint, isApproved: isApproved, effects: effects, connection)
    }

    private static func perform(
        _ command: PointsCommand, _ request: String, isApproved: Bool, effects: Effects, _ connection: any SQLConnection
    ) throws -> Answer {
        let now = effects.now()
        let (answer, events) = try perform(command, request, isApproved: isApproved, at: now, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        return answer
    }

    /// The same, with what it says handed over.
    static func perform(
        _ command: PointsCommand, isApproved: Bool = false, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> (Answer, [SystemEvent]) {
        try command.check()
        return try perform(command, command.fingerprint, isApproved: isApproved, at: now, connection)
    }

    private static func perform(
        _ command: PointsCommand, _ request: String, isApproved: Bool, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (Answer, [SystemEvent]) {
        // Only with the accounts locked is it certain that the same command is not under way elsewhere. SQLite has one
        // writer, so there it is certain at once. Whoever has to find the accounts first may no longer find them.
        let isCertain = connection.dialect == .sqlite
        if isCertain || command.accounts == nil, let first = try repeated(command, request, connection) {
            return (first, [])
        }
        let program = try PointsProgram.load(connection)
        let accounts = try accounts(of: command, connection)
        let loaded = try PointsAccountRows.load(accounts, .open, by: program, connection)
        if !isCertain, let first = try repeated(command, request, connection) { return (first, []) }
        var batch = PointsBatch(loaded, program, isApproved: isApproved, at: now)
        try batch.advance()
        let before = batch.accounts.mapValues(\.sequence)
        try batch.perform(command, connection)
        var events = try batch.save(request: request, connection)
        let written = batch.transactions.filter { $0.sequence > before[$0.account] ?? 0 }
        if command.earns { events += try TierReview.review(members: accounts, at: now, connection) }
        return (Answer(transactions: written, isRepeat: false), events)
    }

    /// Releases whatever waits for an event, whosever it is, in one transaction; again it finds nothing, so a retry is
    /// harmless. Returns what it wrote. Throws: `StorageError`.
    package static func release(
        waitingFor event: String, effects: Effects, _ connection: any SQLConnection
    ) throws -> [PointsTransaction] {
        guard !event.isEmpty else { return [] }
        let now = effects.now()
        let ids = try connection.query(
            """
            SELECT DISTINCT account_id FROM points_lots WHERE waits_for = \(event) AND waits_for <> '' AND remaining > 0
            AND pending = 1 ORDER BY account_id LIMIT \(PointsLimits.releasedAccounts)
            """
        ).map { try $0.int(0) }
        guard !ids.isEmpty else { return [] }
        let program = try PointsProgram.load(connection)
        var batch = PointsBatch(
            try PointsAccountRows.load(ids, .open, by: program, connection), program, at: now)
        try batch.advance()
        let before = batch.accounts.mapValues(\.sequence)
        for id in ids { try batch.change(id) { _ = try $0.release(waitingFor: event, at: now) } }
        let events = try batch.save(request: nil, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        return batch.transactions.filter { $0.sequence > before[$0.account] ?? 0 }
    }

    /// The accounts that a command touches, as far as they are known before they are locked.
    private static func accounts(of command: PointsCommand, _ connection: any SQLConnection) throws -> [Int64] {
        switch command {
        case .capture(let hold, _, _, _, _), .letGo(let hold, _):
            guard let found = try PointsAccountRows.hold(hold, connection) else { throw PointsError.holdNotFound(hold) }
            return [found.account]
        case .reverse(let award, _, _, _):
            guard let found = try PointsAccountRows.lot(award: award, connection) else {
                throw PointsError.awardNotFound(award)
            }
            return [found.account]
        case .giveBack(let key, _, _, _):
            guard let found = try PointsAccountRows.redemptions("redemption_key = \(key)", connection).first else {
                throw PointsError.redemptionNotFound(key)
            }
            return [found.account] + (try PoolReturn.accounts(found.redemption, in: found.account, connection))
        default: return command.accounts ?? []
        }
    }

    /// What the same command wrote before. Throws: `PointsError.keyReused` when it was another one.
    private static func repeated(
        _ command: PointsCommand, _ request: String, _ connection: any SQLConnection
    ) throws -> Answer? {
        let key = command.transactionKey
        let row = try connection.first(
            "SELECT document, hash, request_hash FROM points_transactions WHERE transaction_key = \(key)")
        guard let row else { return nil }
        guard try row.textOrNil(2) == request else { throw PointsError.keyReused(command.key) }
        var transactions = [try PointsTransaction(parsing: row.text(0), hash: row.text(1))]
        if let other = command.companionKey {
            transactions += try connection.query(
                "SELECT document, hash FROM points_transactions WHERE transaction_key = \(other)"
            ).map { try PointsTransaction(parsing: $0.text(0), hash: $0.text(1)) }
            transactions.sort { $0.account < $1.account }
        }
        return Answer(transactions: transactions, isRepeat: true)
    }
}
