import Storage

/// Every transaction of all accounts, the newest first: what a ledger browser turns over.
package enum PointsJournal {
    /// What is looked for; nil stands for everything.
    package struct Filter: Sendable, Equatable {
        package var currency: String?
        package var kind: PointsTransaction.Kind?
        package var account: Int64?
        package var from: Timestamp?
        /// Not included.
        package var to: Timestamp?

        package init(
            currency: String? = nil, kind: PointsTransaction.Kind? = nil, account: Int64? = nil,
            from: Timestamp? = nil, to: Timestamp? = nil
        ) {
            self.currency = currency
            self.kind = kind
            self.account = account
            self.from = from
            self.to = to
        }
    }

    /// Where a page begins: after this transaction.
    package struct Place: Sendable, Equatable {
        package var at: Int64
        package var account: Int64
        package var sequence: Int64

        package init(at: Int64, account: Int64, sequence: Int64) {
            self.at = at
            self.account = account
            self.sequence = sequence
        }

        init(_ transaction: PointsTransaction) {
            self.init(at: transaction.at.milliseconds, account: transaction.account, sequence: transaction.sequence)
        }
    }

    package struct Page: Sendable, Equatable {
        package var transactions: [PointsTransaction]
        /// nil on the last.
        package var next: Place?
    }

    /// Throws: `StorageError`.
    package static func page(
        _ filter: Filter, after place: Place?, limit: Int, _ connection: any SQLConnection
    ) throws -> Page {
        var condition: SQL = "1 = 1"
        if let account = filter.account { condition += " AND account_id = \(account)" }
        if let currency = filter.currency { condition += " AND currency = \(currency)" }
        if let kind = filter.kind { condition += " AND kind = \(kind.rawValue)" }
        if let from = filter.from { condition += " AND at_ms >= \(from.milliseconds)" }
        if let to = filter.to { condition += " AND at_ms < \(to.milliseconds)" }
        if let place {
            condition += " AND (at_ms, account_id, sequence) < (\(place.at), \(place.account), \(place.sequence))"
        }
        let found = try connection.query(
            "SELECT document, hash FROM points_transactions WHERE " + condition
                + " ORDER BY at_ms DESC, account_id DESC, sequence DESC LIMIT \(limit + 1)"
        ).map { try PointsTransaction(parsing: $0.text(0), hash: $0.text(1)) }
        let page = Array(found.prefix(limit))
        return Page(transactions: page, next: found.count > limit ? page.last.map(Place.init) : nil)
    }

    /// One transaction with the text that was hashed, and the hash before it. Throws: `StorageError`.
    package static func transaction(
        _ sequence: Int64, of account: Int64, _ connection: any SQLConnection
    ) throws -> (transaction: PointsTransaction, text: String, before: String)? {
        let row = try connection.first(
            "SELECT document, hash FROM points_transactions WHERE account_id = \(account) AND sequence = \(sequence)")
        guard let row else { return nil }
        let before = try connection.first(
            "SELECT hash FROM points_transactions WHERE account_id = \(account) AND sequence = \(sequence - 1)")
        let text = try row.text(0)
        return (
            try PointsTransaction(parsing: text, hash: row.text(1)), text,
            try before?.text(0) ?? PointsTransaction.firstHash
        )
    }
}
