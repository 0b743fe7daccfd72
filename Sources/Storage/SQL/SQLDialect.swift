/// Which operational store speaks, and the few fragments in which the two differ.
package enum SQLDialect: String, Sendable {
    case sqlite
    case postgresql

    /// Locks the selected rows until the transaction ends (SQLite has one writer and needs no lock).
    package var forUpdate: String {
        self == .postgresql ? " FOR UPDATE" : ""
    }

    /// As `forUpdate`, but passes over rows that another transaction holds.
    package var forUpdateSkipLocked: String {
        self == .postgresql ? " FOR UPDATE SKIP LOCKED" : ""
    }

    /// Scalar maximum of several values (`max` in SQLite).
    package var greatest: String {
        self == .postgresql ? "GREATEST" : "max"
    }

    /// Scalar minimum of several values (`min` in SQLite).
    package var least: String {
        self == .postgresql ? "LEAST" : "min"
    }

    /// A true or false inside a column of JSON text, as 1 or 0; NULL where there is none. `path` is the code's own.
    package func jsonFlag(_ column: String, _ path: [String]) -> String {
        switch self {
        case .sqlite: "json_extract(\(column), '$.\(path.joined(separator: "."))')"
        case .postgresql:
            "CASE \(column)::json #>> '{\(path.joined(separator: ","))}' WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
        }
    }

    /// The database server's clock in milliseconds since 1970, for bookkeeping of the store's own.
    var nowMilliseconds: String {
        switch self {
        case .sqlite: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        case .postgresql: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
        }
    }
}
