import Storage

extension PointsBatch {
    /// What members do with their pool. Throws: `PoolError`, `PointsError`, `StorageError`.
    mutating func performPool(_ command: PointsCommand, _ connection: any SQLConnection) throws {
        let (now, calendar) = (now, program.calendar)
        switch command {
        case .contribute(let member, let pool, let code, let amount, let key, let note):
            _ = try PointsPools.membership(member, in: pool, connection)
            try contribute(amount, code, from: member, to: pool, as: key, note: note, connection)
        case .spendPool(let pool, let member, let code, let amount, let key, let note):
            guard try PointsPools.membership(member, in: pool, connection).maySpend else { throw PoolError.maySpend }
            let currency = try program.currency(code)
            try change(pool) {
                try $0.redeem(amount, by: member, key: key, note: note, currency, calendar, at: now)
            }
            try change(member) {
                try $0.witness(
                    .poolSpend, amount, of: pool, redemption: key, as: key, note: note, currency, calendar, at: now)
            }
        default: break
        }
    }

    /// Points that were spent of a pool came back to its lots: the spender's statement shows it, and what lies now in lots
    /// of somebody who left goes on to them. Throws: `PoolError`, `PointsError`, `StorageError`.
    mutating func settlePool(
        _ pool: Int64, _ redemption: PointsRedemption, spender: Int64?, _ amount: Int64, as key: String,
        note: [String: String], _ connection: any SQLConnection
    ) throws {
        let (now, calendar) = (now, program.calendar)
        let currency = try program.currency(redemption.currency)
        if let spender, accounts[spender]?.isClosed == false {
            try change(spender) {
                try $0.witness(
                    .poolUnspend, amount, of: pool, redemption: redemption.key, as: key, note: note, currency,
                    calendar, at: now)
            }
        }
        let present = Set(try PoolRows.members(of: pool, connection).map(\.account))
        let contributors = try PoolRows.contributors(of: redemption.shares.map(\.lot), in: pool, connection)
        let away = contributors.filter { !present.contains($0.value) }
        for (account, lots) in Dictionary(grouping: away.keys, by: { away[$0] ?? 0 }).sorted(by: { $0.key < $1.key }) {
            guard account == 0 || accounts[account] != nil else { throw PoolError.changedMeanwhile }
            if accounts[account]?.isClosed == false {
                try handBack(Set(lots), of: pool, to: account, as: "return:\(key):\(account)")
            } else if accounts[pool]?.isClosed == true {
                try change(pool) { try $0.forfeit(lots: Set(lots), as: "return:\(key)", at: now) }
            }
        }
    }
}

/// Whom the return of a pool's points concerns besides the pool.
enum PoolReturn {
    /// Who spent them, if the account is a pool's; as what merges have made of them. Throws: `StorageError`.
    static func spender(
        of redemption: String, in account: Int64, _ connection: any SQLConnection
    ) throws -> Int64? {
        guard try PointsAccounts.isPool(account, connection) else { return nil }
        let row = try connection.first(
            """
            SELECT document, hash FROM points_transactions WHERE transaction_key = \("redeem:\(redemption)")
            """)
        let spent = try row.map { try PointsTransaction(parsing: $0.text(0), hash: $0.text(1)) }
        return try spent?.counterpart.map { try PoolMerge.holder(of: $0, connection) }
    }

    /// Accounts that have to be locked with the pool's: the spender's, and those of contributors who left.
    /// Throws: `StorageError`.
    static func accounts(
        _ redemption: PointsRedemption, in account: Int64, _ connection: any SQLConnection
    ) throws -> [Int64] {
        guard let spender = try spender(of: redemption.key, in: account, connection) else { return [] }
        let contributors = try PoolRows.contributors(of: redemption.shares.map(\.lot), in: account, connection)
        return [spender] + contributors.values.filter { $0 != 0 }
    }
}
