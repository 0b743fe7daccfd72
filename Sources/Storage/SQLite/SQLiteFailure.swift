import GRDB
import GRDBSQLite

/// SQLite's result codes as `StorageError` (https://www.sqlite.org/rescode.html).
enum SQLiteFailure {
    static func error(code: Int32, handle: OpaquePointer?, sql: String, timeoutSeconds: Double?) -> StorageError {
        let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        return error(code: code, message: message, sql: sql, timeoutSeconds: timeoutSeconds)
    }

    static func error(_ error: DatabaseError, path: String) -> StorageError {
        let code = error.resultCode.rawValue
        let message = "\(path): \(error.message ?? String(cString: sqlite3_errstr(code)))"
        switch code {
        case SQLITE_MISUSE: return .unavailable(message: "the store \(path) is closed")
        case SQLITE_CANTOPEN: return .unavailable(message: "\(path) cannot be opened; does its folder exist?")
        default: return self.error(code: code, message: message, sql: error.sql ?? "", timeoutSeconds: nil)
        }
    }

    private static func error(code: Int32, message: String, sql: String, timeoutSeconds: Double?) -> StorageError {
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: .constraint(message: message)
        case SQLITE_FULL, SQLITE_READONLY: .cannotWrite(message: message)
        case SQLITE_BUSY, SQLITE_LOCKED:
            .unavailable(message: "another process keeps the store locked (\(message))")
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_NOMEM:
            .unavailable(message: message)
        case SQLITE_INTERRUPT: .timedOut(seconds: timeoutSeconds ?? 0)
        default: .statement(code: String(code), message: message, sql: sql)
        }
    }
}
