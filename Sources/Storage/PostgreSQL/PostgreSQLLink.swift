import CPostgreSQL

/// One connection to a PostgreSQL server through libpq.
///
/// `@unchecked Sendable` holds because a link belongs to one `PostgreSQLWorker` and every call to it is made on that
/// worker's serial queue.
final class PostgreSQLLink: OperationalLink, @unchecked Sendable {
    private static let statementsMax = 256

    let dialect = SQLDialect.postgresql
    let connection: OpaquePointer
    var parameters = PostgreSQLParameters()
    /// Why the running transaction cannot be committed any more.
    private(set) var failure: PostgreSQLFailure?
    private var statements = StatementCache<PostgreSQLStatement>(limit: statementsMax)
    private var prepared = 0
    private var cursors = 0
    private var timeoutSeconds: Double?

    /// Connects. Throws: `PostgreSQLFailure`; its message never holds the password.
    init(_ address: PostgreSQLAddress, statementTimeoutSeconds: Double) throws {
        connection = try address.connect()
        timeoutSeconds = statementTimeoutSeconds
        // Otherwise libpq prints notices to the terminal.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        try simple(
            """
            SET synchronous_commit = on; SET TimeZone = 'UTC'; SET standard_conforming_strings = on;
            SET bytea_output = 'hex'; SET statement_timeout = \(Int(statementTimeoutSeconds * 1000))
            """)
    }

    deinit {
        PQfinish(connection)
    }

    var isBroken: Bool {
        PQstatus(connection) != CONNECTION_OK
    }

    // MARK: Transactions

    func begin(_ mode: TransactionMode, statementTimeoutSeconds usual: Double) throws {
        failure = nil
        timeoutSeconds = mode.statementTimeoutSeconds
        var text = mode.readOnly ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN"
        if mode.statementTimeoutSeconds != usual {
            text += "; SET LOCAL statement_timeout = \(Int((mode.statementTimeoutSeconds ?? 0) * 1000))"
        }
        try simple(text)
    }

    /// Throws: `.unavailable` when the connection broke before the server answered; the outcome is unknown then.
    func commit() throws {
        let result: PostgreSQLResult
        do {
            result = try simple("COMMIT")
        } catch  where isBroken {
            throw StorageError.unavailable(
                message: "the connection broke during COMMIT: PostgreSQL may have applied the transaction or not")
        }
        guard result.command == "COMMIT" else {
            throw StorageError.unavailable(message: "PostgreSQL rolled the transaction back instead of committing it")
        }
    }

    func rollback() throws {
        try simple("ROLLBACK")
    }

    /// Forgets the prepared statements, which a change of schema has made useless.
    func forgetStatements() throws {
        _ = statements.removeAll()
        try simple("DEALLOCATE ALL")
    }

    @discardableResult
    private func simple(_ text: String) throws -> PostgreSQLResult {
        try checked(PQexec(connection, text), text)
    }

    // MARK: SQLConnection

    @discardableResult
    func execute(_ sql: SQL) throws -> Int {
        try run(sql).changedRows
    }

    func query(_ sql: SQL) throws -> [SQLRow] {
        try run(sql).rows()
    }

    @discardableResult
    func executeMany(_ statement: String, _ rows: [[SQLValue]]) throws -> [Int] {
        guard let set = PostgreSQLSet(change: statement, rows) else {
            return try pipeline(statement, rows) { $0.changedRows }
        }
        var changes: [Int] = []
        changes.reserveCapacity(rows.count)
        try run(set, rows) { changes += try set.changes(of: $0, $1) }
        return changes
    }

    func queryMany(_ statement: String, _ rows: [[SQLValue]]) throws -> [[SQLRow]] {
        guard let set = PostgreSQLSet(query: statement, rows) else {
            return try pipeline(statement, rows) { $0.rows() }
        }
        var answers = [[SQLRow]](repeating: [], count: rows.count)
        try run(set, rows) { chunk, found in
            for row in found {
                let run = chunk.startIndex + Int(try row.int(0)) - 1
                answers[run].append(SQLRow(Array(row.values.dropFirst())))
            }
        }
        return answers
    }

    func forEach(_ sql: SQL, batch: Int, _ body: ([SQLRow]) throws -> Void) throws {
        try checkHealthy()
        cursors += 1
        let cursor = "c\(cursors)"
        try simple("SET LOCAL statement_timeout = 0")
        try run(SQL(text: "DECLARE \(cursor) NO SCROLL CURSOR FOR \(sql.text)", arguments: sql.arguments))
        while true {
            let rows = try simple("FETCH \(batch) FROM \(cursor)").rows()
            if !rows.isEmpty { try body(rows) }
            if rows.count < batch { break }
        }
        try simple("CLOSE \(cursor)")
        try simple("SET LOCAL statement_timeout = \(Int((timeoutSeconds ?? 0) * 1000))")
    }

    func lock(_ name: String) throws {
        let key = Int64(bitPattern: StableHash.of(name).value)
        _ = try query("SELECT pg_advisory_xact_lock(\(key))")
    }

    func lock(all names: [String]) throws {
        let keys = Set(names.map { Int64(bitPattern: StableHash.of($0).value) }).sorted()
        _ = try queryMany("SELECT pg_advisory_xact_lock(?)", keys.map { [.integer($0)] })
    }

    func executeOnce(_ statement: String) throws {
        try checkHealthy()
        try simple(statement)
    }

    @discardableResult
    private func run(_ sql: SQL) throws -> PostgreSQLResult {
        try checkHealthy()
        let statement = try self.statement(sql.text)
        let variant = try self.variant(of: statement, for: sql.arguments, seenIn: [])
        parameters.load(sql.arguments)
        let pointer = parameters.send { count, values, lengths, formats in
            PQexecPrepared(connection, variant.name, count, values, lengths, formats, 0)
        }
        return try checked(pointer, sql.text)
    }

    // MARK: Prepared statements

    func statement(_ text: String) throws -> PostgreSQLStatement {
        if let known = statements.find(text) { return known }
        let statement = PostgreSQLStatement(text)
        for evicted in statements.insert(text, statement) {
            for variant in evicted.variants { try simple("DEALLOCATE \(variant.name)") }
        }
        return statement
    }

    func variant(
        of statement: PostgreSQLStatement, for values: [SQLValue], seenIn rows: some Collection<[SQLValue]>
    ) throws -> PostgreSQLStatement.Variant {
        guard values.count == statement.parameters else {
            let message = "\(values.count) values for \(statement.parameters) placeholders"
            throw doom(
                PostgreSQLFailure(
                    sqlState: "08P01",
                    error: .statement(code: "arguments", message: message, sql: statement.text)))
        }
        if let fitting = statement.variants.first(where: { $0.fits(values) }) { return fitting }
        if statement.variants.count >= PostgreSQLStatement.variantsMax {
            try simple("DEALLOCATE \(statement.variants.removeLast().name)")
        }
        prepared += 1
        let variant = PostgreSQLStatement.Variant(
            name: "s\(prepared)", types: statement.types(for: values, seenIn: rows))
        _ = try checked(
            PQprepare(connection, variant.name, statement.text, Int32(variant.types.count), variant.types),
            statement.text)
        statement.variants.insert(variant, at: 0)
        return variant
    }

    /// The name of a statement that tells the types of its placeholders itself.
    func nameOfOnlyVariant(of statement: PostgreSQLStatement) throws -> String {
        if let known = statement.variants.first { return known.name }
        prepared += 1
        let name = "s\(prepared)"
        _ = try checked(PQprepare(connection, name, statement.text, 0, nil), statement.text)
        statement.variants.append(PostgreSQLStatement.Variant(name: name, types: []))
        return name
    }

    // MARK: Failure

    func checkHealthy() throws {
        if let failure { throw failure.error }
    }

    /// Takes ownership of a result and makes sure that it is a success.
    func checked(_ pointer: OpaquePointer?, _ text: String) throws -> PostgreSQLResult {
        guard let result = PostgreSQLResult(pointer) else {
            throw doom(failed(nil, text))
        }
        guard result.succeeded else {
            throw doom(failed(result.pointer, text))
        }
        return result
    }

    func failed(_ result: OpaquePointer?, _ text: String) -> PostgreSQLFailure {
        PostgreSQLFailure(result: result, connection: connection, sql: text, timeoutSeconds: timeoutSeconds)
    }

    func doom(_ failure: PostgreSQLFailure) -> StorageError {
        self.failure = failure
        return failure.error
    }
}
