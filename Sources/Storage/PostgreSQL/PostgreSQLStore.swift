/// The operational store on a PostgreSQL server, for several processes.
///
/// Invariants: a connection is used by one thread at a time, on its worker's queue; reading sees one snapshot
/// (REPEATABLE READ), writing is READ COMMITTED with `synchronous_commit = on`; a transaction runs again only after
/// the server has said that it rolled it back (SQLSTATE 40001, 40P01), never after a COMMIT that got no answer.
final class PostgreSQLStore: OperationalBackend {
    private static let versionMin = 150_000

    let dialect = SQLDialect.postgresql
    let options: OperationalStoreOptions
    private let address: PostgreSQLAddress
    private let pool: PostgreSQLPool

    private init(address: PostgreSQLAddress, pool: PostgreSQLPool, options: OperationalStoreOptions) {
        self.address = address
        self.pool = pool
        self.options = options
    }

    /// Connects once to see that the server is there. Throws: `StorageError.unavailable`, `.badAddress`.
    static func open(url: String, options: OperationalStoreOptions) async throws -> PostgreSQLStore {
        let address = try PostgreSQLAddress(url)
        let pool = PostgreSQLPool(address: address, options: options)
        do {
            try await pool.withWorker { try await $0.connect() }
        } catch {
            await pool.close()
            throw error
        }
        return PostgreSQLStore(address: address, pool: pool, options: options)
    }

    func transaction<T: Sendable>(
        _ mode: TransactionMode, _ body: @escaping @Sendable (any OperationalLink) throws -> T
    ) async throws -> T {
        try await pool.withWorker { try await $0.transaction(mode, body) }
    }

    func diagnose() async throws -> StoreDiagnosis {
        let mode = TransactionMode(readOnly: true, statementTimeoutSeconds: options.statementTimeoutSeconds)
        return try await transaction(mode) { [address] link in
            let facts = try link.first(
                """
                SELECT current_setting('server_version'), CAST(current_setting('server_version_num') AS BIGINT),
                    pg_database_size(current_database()), current_setting('server_encoding'),
                    current_setting('fsync'), current_setting('synchronous_commit')
                """)
            guard let facts else { throw StorageError.unavailable(message: "PostgreSQL gave no version") }
            var warnings: [String] = []
            if try facts.int(1) < Self.versionMin { warnings.append("PostgreSQL 15 or newer is needed.") }
            if try facts.text(3) != "UTF8" { warnings.append("The database's encoding is not UTF8.") }
            if try facts.text(4) != "on" { warnings.append("fsync is off: a power cut can lose or corrupt data.") }
            if try facts.text(5) != "on" { warnings.append("synchronous_commit is not on: a crash can lose commits.") }
            return StoreDiagnosis(
                product: "PostgreSQL", version: try facts.text(0), address: address.text, bytes: try facts.int(2),
                schemaVersion: try MigrationTable.version(on: link), warnings: warnings)
        }
    }

    func close() async {
        await pool.close()
    }
}
