/// A plain `INSERT … VALUES (?, …)` widened to many rows a statement, which halves the server's work.
///
/// Only for statements that end with their one tuple of placeholders: with `ON CONFLICT` or `RETURNING` the rows of one
/// statement would not be independent of each other any more.
struct PostgreSQLMultiRowInsert {
    /// Measured: 16 µs of the server's time for a row of ten columns alone, 9 µs in 32 rows, no less in 256.
    /// The placeholders of one statement are limited to 65,535.
    private static let rowsMax = 32
    private static let placeholdersMax = 60_000

    let text: String
    let rows: Int

    /// Nil when `statement` is anything else, or `available` rows do not fill one statement.
    init?(_ statement: String, rowWidth: Int, available: Int) {
        let rows = min(Self.rowsMax, Self.placeholdersMax / max(1, rowWidth))
        guard available >= rows, rowWidth > 0, statement.drop(while: \.isWhitespace).hasPrefix("INSERT INTO ") else {
            return nil
        }
        guard let open = statement.lastIndex(of: "("), statement.last(where: { !$0.isWhitespace }) == ")" else {
            return nil
        }
        let tuple = statement[open...]
        let head = statement[..<open]
        let isPlain = tuple.allSatisfy { "(?,) \n".contains($0) } && tuple.count(where: { $0 == "?" }) == rowWidth
        guard isPlain, head.hasSuffix("VALUES "), !head.contains("?") else { return nil }
        self.rows = rows
        text = head + Array(repeating: String(tuple), count: rows).joined(separator: ", ")
    }
}
