import CPostgreSQL

/// Where a PostgreSQL server is and as whom to go there: a URL as libpq reads it.
struct PostgreSQLAddress: Sendable {
    /// Without the password, for messages: `postgres://user@host:port/database`.
    let text: String
    private let url: String

    /// Throws: `StorageError.badAddress`, without repeating what might be a password.
    init(_ url: String) throws {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            PQfreemem(message)
            throw StorageError.badAddress(
                "the PostgreSQL address is not understood; it should read postgres://user:password@host:port/database")
        }
        defer { PQconninfoFree(options) }
        var fields: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { fields[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.url = url
        let user = fields["user"].map { $0 + "@" } ?? ""
        let port = fields["port"].map { ":" + $0 } ?? ""
        text = "postgres://\(user)\(fields["host"] ?? "localhost")\(port)/\(fields["dbname"] ?? "")"
    }

    /// Opens a connection. Throws: `PostgreSQLFailure` with `.unavailable`.
    func connect() throws -> OpaquePointer {
        // What stands before the URL it may change, what stands after it it may not.
        let options: [(String, String)] = [
            ("connect_timeout", "5"), ("gssencmode", "disable"), ("keepalives_idle", "15"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
            ("application_name", "perennial"), ("dbname", url), ("client_encoding", "UTF8"),
        ]
        let connection = withCStrings(options.map(\.0)) { keywords in
            withCStrings(options.map(\.1)) { values in
                PQconnectdbParams(keywords, values, 1)
            }
        }
        guard let connection else {
            throw PostgreSQLFailure(sqlState: "", error: .unavailable(message: "no memory for a connection to \(text)"))
        }
        guard PQstatus(connection) == CONNECTION_OK else {
            defer { PQfinish(connection) }
            throw PostgreSQLFailure(result: nil, connection: connection, sql: "", timeoutSeconds: nil)
        }
        return connection
    }

    /// A null-terminated array of C strings that live during `body`.
    private func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R) -> R {
        var storage: [[CChar]] = strings.map { Array($0.utf8CString) }
        return withPointers(&storage, []) { pointers in
            (pointers + [nil]).withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else { preconditionFailure("the array holds its terminator") }
                return body(start)
            }
        }
    }

    private func withPointers<R>(
        _ storage: inout [[CChar]], _ pointers: [UnsafePointer<CChar>?], _ body: ([UnsafePointer<CChar>?]) -> R
    ) -> R {
        guard !storage.isEmpty else { return body(pointers) }
        let first = storage.removeFirst()
        return first.withUnsafeBufferPointer { buffer in
            withPointers(&storage, pointers + [buffer.baseAddress], body)
        }
    }
}
