import CADBC

/// Turns the engine's errors into `StorageError`.
enum ChDBError {
    /// Reads and frees an ADBC error.
    static func take(_ error: inout AdbcError, status: AdbcStatusCode, sql: String) -> any Error {
        defer { cadbc_error_release(&error) }
        let message = error.message.map { String(cString: $0) } ?? "status \(status)"
        return translate(message, sql: sql)
    }

    static func translate(_ raw: String, sql: String) -> any Error {
        if raw.contains("Cannot lock file") {
            return StorageError.unavailable(
                message: "the analytics folder is in use by another process; stop it first (\(sql))")
        }
        return ClickHouseError(parsing: raw).storageError(sql: sql)
    }
}
