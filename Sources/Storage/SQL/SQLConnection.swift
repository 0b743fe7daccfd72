/// One open connection to an operational store, used by one thread at a time inside `OperationalStore.read` or `write`.
///
/// All calls block; the store runs them off the cooperative thread pool. `?` marks placeholders in `String` statements.
/// Every call throws `StorageError`.
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

    /// Holds a named lock until the transaction ends (an advisory lock in PostgreSQL; SQLite has one writer anyway).
    func lock(_ name: String) throws
}

extension SQLConnection {
    /// The first row, if any.
    package func first(_ sql: SQL) throws -> SQLRow? {
        try query(sql).first
    }
}
