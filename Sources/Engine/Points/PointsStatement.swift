import Storage

/// What a member's account did, as it can be handed out.
package enum PointsStatement {
    package static let format = "perennial.points_statement/1"
    package static let pageMax = 200

    /// Transactions, the newest first, older than `before`. Throws: `StorageError`.
    package static func page(
        of account: Int64, before: Int64?, limit: Int, _ connection: any SQLConnection
    ) throws -> [PointsTransaction] {
        try connection.query(
            """
            SELECT document, hash FROM points_transactions
            WHERE account_id = \(account) AND sequence < \(before ?? .max) ORDER BY sequence DESC LIMIT \(limit)
            """
        ).map { try PointsTransaction(parsing: $0.text(0), hash: $0.text(1)) }
    }

    /// The same of one currency, if told, with where to go on. Throws: `StorageError`.
    package static func lines(
        of account: Int64, currency: String?, before: Int64?, limit: Int, _ connection: any SQLConnection
    ) throws -> PointsJournal.Page {
        var condition: SQL = "account_id = \(account) AND sequence < \(before ?? .max)"
        if let currency { condition += " AND currency = \(currency)" }
        let found = try connection.query(
            "SELECT document, hash FROM points_transactions WHERE " + condition
                + " ORDER BY sequence DESC LIMIT \(limit + 1)"
        ).map { try PointsTransaction(parsing: $0.text(0), hash: $0.text(1)) }
        let page = Array(found.prefix(limit))
        return PointsJournal.Page(
            transactions: page, next: found.count > limit ? page.last.map(PointsJournal.Place.init) : nil)
    }

    // MARK: The whole statement

    // From the first transaction, each as the very text that was hashed, so that anybody can verify it without us
    // (docs/loyalty.md). `head`, then `links` until the account's sequence, then `foot`: a long life needs no memory.

    /// How the document begins, for an account as it was read.
    package static func head(of account: MemberAccount, at now: Timestamp) -> String {
        let head = JSONValue.object([
            "format": .string(format), "account": JSONValue(id: account.id), "number": .string(account.number),
            "as_of": .string(now.iso8601), "sequence": .integer(account.sequence), "hash": .string(account.hash),
            "balances": .object(account.balances.mapValues(\.json)),
        ]).text()
        return head.dropLast() + ",\"transactions\":["
    }

    /// The next transactions, and the number of the last of them. Throws: `StorageError`.
    package static func links(
        of account: Int64, after place: Int64, through last: Int64, _ connection: any SQLConnection
    ) throws -> (text: String, last: Int64) {
        var (text, end) = ("", place)
        let rows = try connection.query(
            """
            SELECT document, hash, sequence FROM points_transactions
            WHERE account_id = \(account) AND sequence > \(place) AND sequence <= \(last)
            ORDER BY sequence LIMIT \(pageMax)
            """)
        for row in rows {
            let link = JSONValue.object(["text": .string(try row.text(0)), "hash": .string(try row.text(1))])
            end = try row.int(2)
            text += (end == 1 ? "\n" : ",\n") + link.text()
        }
        return (text, end)
    }

    package static let foot = "\n]}\n"
}
