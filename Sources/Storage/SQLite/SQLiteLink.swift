import GRDBSQLite

/// One connection to a SQLite file, spoken to through SQLite's C interface: bind, step, column.
///
/// `@unchecked Sendable` holds because every call comes from inside a closure that GRDB runs on the serial queue of
/// the connection that owns `handle`; the registry `SQLiteLinks` only passes references around.
final class SQLiteLink: OperationalLink, @unchecked Sendable {
    private static let statementsMax = 256

    let dialect = SQLDialect.sqlite
    let handle: OpaquePointer
    private let deadline = SQLiteDeadline()
    private var statements = StatementCache<OpaquePointer>(limit: statementsMax)
    private var timeoutSeconds: Double?
    /// Why the running transaction cannot be committed any more.
    private var failure: StorageError?

    init(handle: OpaquePointer) {
        self.handle = handle
        deadline.install(on: handle)
    }

    deinit {
        finalizeStatements()
    }

    /// SQLite cannot close a connection that still has statements.
    func finalizeStatements() {
        for statement in statements.removeAll() {
            sqlite3_finalize(statement)
        }
    }

    // MARK: Transactions

    /// Runs `body` inside the snapshot that GRDB has already begun.
    func reading<T>(timeoutSeconds: Double?, _ body: (SQLiteLink) throws -> T) throws -> T {
        begin(timeoutSeconds: timeoutSeconds)
        return try working(body)
    }

    /// Runs `body` in the transaction that is open; one in which a statement failed throws that, whatever `body` made of it.
    func working<T>(_ body: (SQLiteLink) throws -> T) throws -> T {
        let value = try body(self)
        if let failure { throw failure }
        return value
    }

    /// Nothing has failed yet, and statements may take so long.
    func begin(timeoutSeconds: Double?) {
        self.timeoutSeconds = timeoutSeconds
        failure = nil
    }

    func control(_ statement: String) throws {
        deadline.start(seconds: nil)
        let code = sqlite3_exec(handle, statement, nil, nil, nil)
        guard code == SQLITE_OK else { throw failed(code, statement) }
    }

    // MARK: SQLConnection

    @discardableResult
    func execute(_ sql: SQL) throws -> Int {
        try using(sql.text) { statement in
            try statement.bind(sql.arguments)
            return try statement.run()
        }
    }

    func query(_ sql: SQL) throws -> [SQLRow] {
        try using(sql.text) { statement in
            try statement.bind(sql.arguments)
            return try statement.rows()
        }
    }

    @discardableResult
    func executeMany(_ statement: String, _ rows: [[SQLValue]]) throws -> [Int] {
        guard !rows.isEmpty else { return [] }
        return try using(statement) { statement in
            try rows.map { row in
                try statement.bind(row)
                return try statement.run()
            }
        }
    }

    func queryMany(_ statement: String, _ rows: [[SQLValue]]) throws -> [[SQLRow]] {
        guard !rows.isEmpty else { return [] }
        return try using(statement) { statement in
            try rows.map { row in
                try statement.bind(row)
                return try statement.rows()
            }
        }
    }

    func forEach(_ sql: SQL, batch: Int, _ body: ([SQLRow]) throws -> Void) throws {
        try checkHealthy()
        // Not from the cache: `body` may run the same text.
        let pointer = try prepare(sql.text, flags: 0)
        defer { sqlite3_finalize(pointer) }
        var statement = SQLiteStatement(pointer: pointer, handle: handle)
        try dooming(sql.text) { try statement.bind(sql.arguments) }
        while true {
            deadline.start(seconds: nil)
            let rows = try dooming(sql.text) { try statement.rows(max: batch) }
            if !rows.isEmpty { try body(rows) }
            if rows.count < batch { return }
        }
    }

    func lock(_ name: String) throws {}

    func lock(all names: [String]) throws {}

    func executeOnce(_ statement: String) throws {
        try checkHealthy()
        try control(statement)
    }

    // MARK: Statements

    private func using<T>(_ text: String, _ body: (inout SQLiteStatement) throws -> T) throws -> T {
        try checkHealthy()
        var statement = SQLiteStatement(pointer: try cached(text), handle: handle)
        defer { statement.reset() }
        deadline.start(seconds: timeoutSeconds)
        return try dooming(text) { try body(&statement) }
    }

    private func cached(_ text: String) throws -> OpaquePointer {
        if let statement = statements.find(text) { return statement }
        let statement = try prepare(text, flags: UInt32(SQLITE_PREPARE_PERSISTENT))
        for evicted in statements.insert(text, statement) {
            sqlite3_finalize(evicted)
        }
        return statement
    }

    private func prepare(_ text: String, flags: UInt32) throws -> OpaquePointer {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, flags, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failed(code, text) }
        return statement
    }

    // MARK: Failure

    private func checkHealthy() throws {
        if let failure { throw failure }
    }

    private func dooming<T>(_ text: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let refusal as SQLiteStatement.Refusal {
            switch refusal {
            case .code(let code): throw failed(code, text)
            case .arguments(let given, let wanted):
                let error = StorageError.statement(
                    code: "arguments", message: "\(given) values for \(wanted) placeholders", sql: text)
                failure = error
                throw error
            }
        }
    }

    private func failed(_ code: Int32, _ text: String) -> StorageError {
        let error = SQLiteFailure.error(code: code, handle: handle, sql: text, timeoutSeconds: timeoutSeconds)
        failure = error
        return error
    }
}
