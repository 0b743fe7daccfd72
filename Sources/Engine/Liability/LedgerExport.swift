import Storage

/// The ledger for the books: a row for each day, currency and account, with what went into it and out of it.
///
/// The members' accounts are the liability: what is credited there is owed. Of every day and currency debits and credits
/// are equal, because every transaction adds up to zero.
package enum LedgerExport {
    package struct Row: Sendable, Equatable {
        /// `2026-11-29`, of the workspace.
        package var day: String
        package var currency: String
        package var ledger: Ledger
        package var debit: Int64
        package var credit: Int64
    }

    package static let header = "day,currency,account,side,debit,credit\r\n"
    package static let daysMax: Int64 = 3_660
    /// Clocks of all zones differ by whole quarters of an hour, so that quarters never lie in two days.
    private static let quarterMS: Int64 = 900_000

    /// Days `first` to `last`. Throws: `StorageError`.
    package static func rows(
        _ first: Int64, through last: Int64, currency: String?, _ connection: any SQLConnection
    ) throws -> [Row] {
        let calendar = try Workspace.load(connection).calendar
        let (start, end) = (calendar.start(ofDay: first), calendar.start(ofDay: last + 1))
        var condition: SQL = "at_ms >= \(start.milliseconds) AND at_ms < \(end.milliseconds)"
        if let currency { condition += " AND currency = \(currency)" }
        let sums: SQL =
            """
            SELECT at_ms / \(raw: String(quarterMS)), currency, ledger,
                CAST(sum(CASE WHEN amount < 0 THEN -amount ELSE 0 END) AS BIGINT),
                CAST(sum(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS BIGINT)
            FROM points_entries WHERE \(condition) GROUP BY 1, 2, 3
            """
        var days: [Key: (debit: Int64, credit: Int64)] = [:]
        try connection.forEach(sums, batch: 1_000) { rows in
            for row in rows {
                guard let ledger = Ledger(rawValue: try row.text(2)) else { continue }
                let day = calendar.day(of: Timestamp(milliseconds: try row.int(0) * quarterMS))
                let key = Key(day: day, currency: try row.text(1), ledger: ledger)
                days[key, default: (0, 0)].debit += try row.int(3)
                days[key, default: (0, 0)].credit += try row.int(4)
            }
        }
        return days.sorted { $0.key < $1.key }.map { key, sum in
            Row(
                day: LocalCalendar.text(ofDay: key.day), currency: key.currency, ledger: key.ledger,
                debit: sum.debit, credit: sum.credit)
        }
    }

    package static func text(_ rows: [Row]) -> String {
        rows.map {
            "\($0.day),\($0.currency),\($0.ledger.rawValue),\($0.ledger.isMembers ? "liability" : "brand"),"
                + "\($0.debit),\($0.credit)\r\n"
        }.joined()
    }

    private struct Key: Hashable, Comparable {
        var day: Int64
        var currency: String
        var ledger: Ledger

        static func < (left: Key, right: Key) -> Bool {
            (left.day, left.currency, left.ledger.rawValue) < (right.day, right.currency, right.ledger.rawValue)
        }
    }
}
