/// Brings a store's schema forward. Every migration is applied in its own transaction, together with its row in
/// `schema_migrations`, under a lock that other processes respect: running it twice or concurrently changes nothing.
struct MigrationRunner<Store: OperationalBackend>: Sendable {
    let store: Store

    private static var mode: TransactionMode { TransactionMode(readOnly: false, statementTimeoutSeconds: nil) }

    /// Throws: `StorageError.schemaTooNew`, `.migrationChanged`.
    func run(_ migrations: [Migration]) async throws -> [Int] {
        let known = migrations.sorted { $0.version < $1.version }
        let missing = try await store.transaction(Self.mode) { link in
            try MigrationTable.create(on: link)
            let applied = try MigrationTable.applied(on: link)
            try check(applied, against: known)
            return known.filter { applied[$0.version] == nil }
        }
        var done: [Int] = []
        for migration in missing {
            let appliedHere = try await store.transaction(Self.mode) { link in
                try MigrationTable.lock(on: link)
                guard try MigrationTable.applied(on: link)[migration.version] == nil else { return false }
                try MigrationTable.apply(migration, on: link)
                return true
            }
            if appliedHere { done.append(migration.version) }
        }
        return done
    }

    private func check(_ applied: [Int: MigrationTable.Applied], against known: [Migration]) throws {
        let newest = known.last?.version ?? 0
        if let found = applied.keys.max(), found > newest {
            throw StorageError.schemaTooNew(found: found, known: newest)
        }
        let checksums = Dictionary(known.map { ($0.version, $0.checksum) }, uniquingKeysWith: { first, _ in first })
        for (version, row) in applied.sorted(by: { $0.key < $1.key }) where checksums[version] != row.checksum {
            throw StorageError.migrationChanged(version: version, name: row.name)
        }
    }
}

/// The table that remembers which migrations a store has seen, with their text, so that a backup carries its schema.
enum MigrationTable {
    static let name = "schema_migrations"

    struct Applied: Sendable {
        var name: String
        var checksum: String
    }

    static func lock(on link: any OperationalLink) throws {
        try link.lock("perennial schema migrations")
    }

    static func create(on link: any OperationalLink) throws {
        try lock(on: link)
        try link.executeOnce(
            """
            CREATE TABLE IF NOT EXISTS \(name) (
                version BIGINT NOT NULL PRIMARY KEY,
                name TEXT NOT NULL,
                checksum TEXT NOT NULL,
                statements TEXT NOT NULL,
                applied_ms BIGINT NOT NULL
            )
            """)
    }

    static func applied(on link: any SQLConnection) throws -> [Int: Applied] {
        let rows = try link.query("SELECT version, name, checksum FROM schema_migrations")
        return try Dictionary(
            rows.map { (Int(try $0.int(0)), Applied(name: try $0.text(1), checksum: try $0.text(2))) },
            uniquingKeysWith: { first, _ in first })
    }

    static func migrations(on link: any SQLConnection) throws -> [Migration] {
        try link.query("SELECT version, name, statements FROM schema_migrations ORDER BY version").map {
            Migration(version: Int(try $0.int(0)), name: try $0.text(1), statements: try $0.text(2))
        }
    }

    static func apply(_ migration: Migration, on link: any OperationalLink) throws {
        for statement in migration.rendered(for: link.dialect) {
            try link.executeOnce(statement)
        }
        let now = link.dialect.nowMilliseconds
        try link.execute(
            """
            INSERT INTO schema_migrations (version, name, checksum, statements, applied_ms)
            VALUES (\(migration.version), \(migration.name), \(migration.checksum), \(migration.statements), \(raw: now))
            """)
    }

    /// The newest version applied, 0 for a store without a schema.
    static func version(on link: any SQLConnection) throws -> Int {
        guard try StoreTables.names(on: link).contains(name) else { return 0 }
        let row = try link.first("SELECT MAX(version) FROM schema_migrations")
        return Int(try row?.intOrNil(0) ?? 0)
    }
}
