/// One open connection to an operational store, used by one thread at a time inside `OperationalStore.read` or `write`.
///
/// All calls block; the store runs them off the cooperative thread pool. `?` marks placeholders in `String` statements.
/// Every call throws `StorageError`, and a statement that failed dooms its transaction in both stores: later calls
/// throw the same error again and nothing is committed, whether or not the caller caught it. Where a conflict is
/// expected, say so in the statement (`ON CONFLICT … DO NOTHING`).
///
/// Keep in mind, as the two stores differ underneath:
/// - Values are bound as what they are (64-bit integer, double, text, bytes); `CAST(? AS BIGINT)` where a value, above
///   all `NULL`, stands alone (`SELECT ?`, `? IS NULL`, `INSERT … SELECT ?`), since PostgreSQL cannot guess its type.
/// - `LIKE` is case-sensitive in both; write `lower(column) LIKE …` otherwise, and name the escape: `ESCAPE '\'`.
/// - Text compares by its UTF-8 bytes in both. PostgreSQL cannot store U+0000: both keep U+FFFD in its place.
/// - An average or a quotient comes back as `.real`, a count or an integral sum as `.integer`.
package protocol SQLConnection: AnyObject {
    var dialect: SQLDialect { get }

    /// Runs one statement and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: SQL) throws -> Int

    /// Runs one statement and returns its rows.
    func query(_ sql: SQL) throws -> [SQLRow]

    /// Runs the same statement once for every row of arguments, prepared once (a pipeline in PostgreSQL).
    /// Returns how many rows each run changed, in order.
    @discardableResult
    func executeMany(_ statement: String, _ rows: [[SQLValue]]) throws -> [Int]

    /// Runs the same query once for every row of arguments, prepared once (a pipeline in PostgreSQL).
    /// Returns the rows of each run, in order.
    func queryMany(_ statement: String, _ rows: [[SQLValue]]) throws -> [[SQLRow]]

    /// Runs one query and hands its rows over in batches of at most `batch`, without holding all of them in memory
    /// and without a statement timeout. `body` may run other statements on this connection.
    func forEach(_ sql: SQL, batch: Int, _ body: ([SQLRow]) throws -> Void) throws

    /// Holds a named lock until the transaction ends (an advisory lock in PostgreSQL; SQLite has one writer anyway).
    func lock(_ name: String) throws

    /// Holds several named locks, taken in one order whoever asks, in one round trip.
    func lock(all names: [String]) throws
}

extension SQLConnection {
    /// The first row, if any.
    package func first(_ sql: SQL) throws -> SQLRow? {
        try query(sql).first
    }
}
