import CADBC

/// One connection to the embedded engine, used by the thread that made it and by no other.
final class ChDBConnection {
    private let instance: ChDBInstance
    private let connection: UnsafeMutablePointer<AdbcConnection>
    private var settings: [String: String] = [:]

    /// Starts the engine on `folder` if it does not run yet, makes the database if it is missing, and enters it.
    init(folder: String, library: String, database: String, settings: [String: String]) throws {
        instance = try ChDBInstance.acquire(folder: folder, library: library)
        do {
            connection = try instance.connect()
        } catch {
            instance.release()
            throw error
        }
        do {
            try execute("CREATE DATABASE IF NOT EXISTS \(AnalyticsDDL.identifier(database))")
            try execute("USE \(AnalyticsDDL.identifier(database))")
            try apply(settings)
        } catch {
            close()
            throw error
        }
    }

    /// Closes the connection. Nothing may be called afterwards.
    func close() {
        var error = AdbcError()
        _ = cadbc_connection_release(table, connection, &error)
        cadbc_error_release(&error)
        connection.deallocate()
        instance.release()
    }

    /// Sets what differs from what is set. Values are numbers or names from code, or are quoted here.
    func apply(_ wanted: [String: String]) throws {
        let changed = wanted.filter { settings[$0.key] != $0.value }
        guard !changed.isEmpty else { return }
        // `readonly` goes last: nothing but limits can be set after it.
        let ordered = changed.sorted { ($0.key == "readonly" ? 1 : 0, $0.key) < ($1.key == "readonly" ? 1 : 0, $1.key) }
        let list = ordered.map { "\($0.key) = \(AnalyticsSQL.quoted($0.value))" }
        _ = try query("SET " + list.joined(separator: ", "))
        settings.merge(changed) { $1 }
    }

    /// Runs a statement and reads its answer whole.
    func query(_ sql: String) throws -> AnalyticsTable {
        try withStatement(sql) { statement in
            var error = AdbcError()
            var status = cadbc_statement_sql(table, statement, sql, &error)
            guard status == 0 else { throw ChDBError.take(&error, status: status, sql: sql) }
            var stream = ArrowArrayStream()
            status = cadbc_statement_execute(table, statement, &stream, &error)
            guard status == 0 else { throw ChDBError.take(&error, status: status, sql: sql) }
            defer { cadbc_stream_release(&stream) }
            return try ArrowReader.read(&stream, sql: sql)
        }
    }

    /// Runs a statement whose answer does not matter. A load among them (`INSERT … SELECT`) is not taken for a
    /// repetition of the last block that came with a token.
    func execute(_ sql: String) throws {
        if settings[Self.tokenSetting, default: ""] != "" { try apply([Self.tokenSetting: ""]) }
        _ = try query(sql)
    }

    private static let tokenSetting = "insert_deduplication_token"

    /// Appends a block to a table. With a token the same block adds nothing the second time.
    func ingest(_ block: AnalyticsBlock, token: String) throws {
        try apply([Self.tokenSetting: token])
        try withStatement("ingest \(block.table)") { statement in
            var error = AdbcError()
            for (key, value) in [
                ("adbc.ingest.target_table", block.table), ("adbc.ingest.mode", "adbc.ingest.mode.append"),
            ] {
                let status = cadbc_statement_set(table, statement, key, value, &error)
                guard status == 0 else { throw ChDBError.take(&error, status: status, sql: "ingest \(block.table)") }
            }
            var array = ArrowArray()
            var schema = ArrowSchema()
            ArrowWriter.write(block, schema: &schema, array: &array)
            defer {
                cadbc_array_release(&array)
                cadbc_schema_release(&schema)
            }
            var status = cadbc_statement_bind(table, statement, &array, &schema, &error)
            if status == 0 { status = cadbc_statement_execute(table, statement, nil, &error) }
            guard status == 0 else { throw ChDBError.take(&error, status: status, sql: "ingest \(block.table)") }
        }
    }

    private var table: UnsafeMutablePointer<AdbcDriver> { instance.driver.table }

    private func withStatement<T>(
        _ sql: String, _ body: (UnsafeMutablePointer<AdbcStatement>) throws -> T
    ) throws -> T {
        let statement = UnsafeMutablePointer<AdbcStatement>.allocate(capacity: 1)
        defer { statement.deallocate() }
        var error = AdbcError()
        let status = cadbc_statement_new(table, connection, statement, &error)
        guard status == 0 else { throw ChDBError.take(&error, status: status, sql: sql) }
        defer {
            _ = cadbc_statement_release(table, statement, &error)
            cadbc_error_release(&error)
        }
        return try body(statement)
    }
}
