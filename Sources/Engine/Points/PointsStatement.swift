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

    /// The whole statement, from the first transaction: each as the very text that was hashed, so that anybody can
    /// verify it without us (docs/loyalty.md). Handed over in pieces, so that a long life needs no memory.
    /// Throws: `PointsError.accountNotFound`, `StorageError`.
    package static func write(
        _ id: Int64, at now: Timestamp, _ connection: any SQLConnection, _ put: (String) throws -> Void
    ) throws {
        let account = try PointsAccounts.get(id, connection)
        let head = JSONValue.object([
            "format": .string(format), "account": JSONValue(id: id), "number": .string(account.number),
            "as_of": .string(now.iso8601), "sequence": .integer(account.sequence), "hash": .string(account.hash),
            "balances": .object(account.balances.mapValues(\.json)),
        ]).text()
        try put(head.dropLast() + ",\"transactions\":[")
        var isFirst = true
        try connection.forEach(
            "SELECT document, hash FROM points_transactions WHERE account_id = \(id) ORDER BY sequence",
            batch: pageMax
        ) { rows in
            for row in rows {
                let link = JSONValue.object(["text": .string(try row.text(0)), "hash": .string(try row.text(1))])
                try put((isFirst ? "\n" : ",\n") + link.text())
                isFirst = false
            }
        }
        try put("\n]}\n")
    }

    /// The same in memory. Throws: as `write`.
    package static func document(_ id: Int64, at now: Timestamp, _ connection: any SQLConnection) throws -> String {
        var text = ""
        try write(id, at: now, connection) { text += $0 }
        return text
    }
}
