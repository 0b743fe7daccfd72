/// What can go wrong between Perennial and a database.
package enum StorageError: Error, Sendable, Equatable {
    /// A column did not hold what the caller expects: a fault in a statement or a migration.
    case unexpectedValue(column: Int, expected: String, found: String)
    /// The statement was refused; `code` is the store's own (SQLSTATE, SQLite result code, ClickHouse number).
    case statement(code: String, message: String, sql: String)
    /// A unique or check constraint stopped a write.
    case constraint(message: String)
    /// The store cannot be reached, or the connection broke; a later attempt may succeed.
    case unavailable(message: String)
    /// The statement ran longer than allowed and was stopped.
    case timedOut(seconds: Double)
    /// The disk is full or the store is read-only: nothing was written.
    case cannotWrite(message: String)
    /// The store's schema is newer than this program.
    case schemaTooNew(found: Int, known: Int)
    /// An already applied migration differs from the one this program carries.
    case migrationChanged(version: Int, name: String)
    /// The URL or path of a store is not understood.
    case badAddress(String)
}
