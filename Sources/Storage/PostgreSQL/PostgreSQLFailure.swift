import CPostgreSQL

/// A refusal of the server or a broken connection, with its SQLSTATE
/// (https://www.postgresql.org/docs/15/errcodes-appendix.html); empty when the connection itself broke.
struct PostgreSQLFailure: Error {
    var sqlState: String
    var error: StorageError

    /// Lost to a concurrent transaction, or to a change of schema under a prepared statement: running again may help,
    /// and the server has rolled everything back.
    var isRetryable: Bool {
        ["40001", "40P01"].contains(sqlState) || isStalePlan
    }

    /// Prepared statements no longer fit the schema, or the connection behind a proxy is another one.
    var isStalePlan: Bool {
        if sqlState == "26000" { return true }
        guard sqlState == "0A000", case .statement(_, let message, _) = error else { return false }
        return message.contains("cached plan")
    }

    init(sqlState: String, error: StorageError) {
        self.sqlState = sqlState
        self.error = error
    }

    /// From a result that is not what was asked for, or from the connection when there is none.
    init(result: OpaquePointer?, connection: OpaquePointer, sql: String, timeoutSeconds: Double?) {
        sqlState = Self.field("C", of: result) ?? ""
        let message = Self.message(result: result, connection: connection)
        guard PQstatus(connection) == CONNECTION_OK else {
            error = .unavailable(message: message)
            return
        }
        error = Self.classify(sqlState, message: message, sql: sql, timeoutSeconds: timeoutSeconds)
    }

    private static func classify(
        _ sqlState: String, message: String, sql: String, timeoutSeconds: Double?
    ) -> StorageError {
        switch sqlState {
        case "57014": return .timedOut(seconds: timeoutSeconds ?? 0)
        // Disk full; a read-only transaction or a standby.
        case "53100", "25006": return .cannotWrite(message: message)
        // Input or output error; the server runs no such recovery as would help.
        case "58030", "XX001", "XX002", "": return .unavailable(message: message)
        default: break
        }
        switch sqlState.prefix(2) {
        case "23": return .constraint(message: message)
        // Connection exceptions, exhausted resources, operator intervention.
        case "08", "53", "57": return .unavailable(message: message)
        default: return .statement(code: sqlState, message: message, sql: sql)
        }
    }

    private static func message(result: OpaquePointer?, connection: OpaquePointer) -> String {
        if let primary = field("M", of: result) {
            guard let detail = field("D", of: result) else { return primary }
            return "\(primary) (\(detail))"
        }
        let text = String(cString: PQerrorMessage(connection)).trimmingTrailingNewlines()
        return text.isEmpty ? "the connection to PostgreSQL broke" : text
    }

    private static func field(_ code: Unicode.Scalar, of result: OpaquePointer?) -> String? {
        guard let result, let text = PQresultErrorField(result, Int32(code.value)) else { return nil }
        return String(cString: text)
    }
}

extension String {
    fileprivate func trimmingTrailingNewlines() -> String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
