import Storage

extension Points {
    /// One award of many.
    package struct Given: Sendable, Equatable {
        package var account: Int64
        package var currency: String
        package var award: PointsAward

        package init(account: Int64, currency: String, award: PointsAward) {
            self.account = account
            self.currency = currency
            self.award = award
        }

        var command: PointsCommand { .award(account: account, currency: currency, award) }
    }

    /// Gives many awards in the open transaction, all or none, and returns what was written. Awards that were given before
    /// are left out, so a retry is harmless. An account is read without its lots unless something is due in it: what is
    /// only added needs none of them. Append to the log last (`SystemEventLog`), which this does.
    /// Throws: `PointsError`, `StorageError`.
    package static func award(
        _ awards: [Given], effects: Effects, _ connection: any SQLConnection
    ) throws -> [PointsTransaction] {
        let now = effects.now()
        let (written, events) = try award(awards, at: now, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        return written
    }

    /// The same, with what it says handed over: for other rooms that give points in their transaction.
    static func award(
        _ awards: [Given], at now: Timestamp, _ connection: any SQLConnection
    ) throws -> ([PointsTransaction], [SystemEvent]) {
        let asked = try awards.map { try Asked($0) }
        let program = try PointsProgram.load(connection)
        var loaded = try PointsAccountRows.load(awards.map(\.account), .balances, by: program, connection)
        for (id, one) in loaded where one.dueMS.map({ $0 <= now.milliseconds }) ?? false {
            var one = one
            try PointsAccountRows.deepen(&one, .open, connection)
            loaded[id] = one
        }
        // With the accounts locked it is certain what was given before.
        let new = try fresh(asked, connection)
        var batch = PointsBatch(loaded, program, at: now)
        try batch.advance()
        let before = batch.accounts.mapValues(\.sequence)
        var requests: [String: String] = [:]
        requests.reserveCapacity(new.count)
        for one in new {
            requests[one.key] = one.command.fingerprint
            try batch.perform(one.command, connection)
        }
        let events = try batch.save(request: nil, requests: requests, connection)
        return (batch.transactions.filter { $0.sequence > before[$0.account] ?? 0 }, events)
    }

    /// One of many with the command that it is, checked, and the key of the transaction that it writes.
    private struct Asked {
        let given: Given
        let command: PointsCommand
        let key: String

        init(_ given: Given) throws {
            self.given = given
            command = given.command
            key = command.transactionKey
            try command.check()
        }
    }

    /// Without those that were given before, and each key once. Throws: `PointsError.keyReused` where a key stood for
    /// another award.
    private static func fresh(_ awards: [Asked], _ connection: any SQLConnection) throws -> [Asked] {
        let known = try connection.queryMany(
            "SELECT request_hash FROM points_transactions WHERE transaction_key = ?", awards.map { [.text($0.key)] })
        var seen: [String: Int] = [:]
        seen.reserveCapacity(awards.count)
        return try awards.indices.compactMap { place in
            let award = awards[place]
            if let row = known[place].first {
                guard try row.textOrNil(0) == award.command.fingerprint else {
                    throw PointsError.keyReused(award.command.key)
                }
                return nil
            }
            if let twin = seen[award.key] {
                guard awards[twin].given == award.given else { throw PointsError.keyReused(award.command.key) }
                return nil
            }
            seen[award.key] = place
            return award
        }
    }
}
