import Foundation

/// Applies analytics migrations and records them in the table `schema_migrations` of the store itself.
///
/// There are no transactions here, so every statement is safe to repeat, and a migration is recorded after its last.
struct AnalyticsMigrator<Store: AnalyticsStore> {
    let store: Store
    let ddl: AnalyticsDDL
    /// Runs one rendered statement.
    let run: @Sendable (String) async throws -> Void

    private static var ledger: Migration {
        Migration(
            version: 0, name: "ledger",
            statements: """
                CREATE TABLE schema_migrations (version UInt32, name String, checksum UInt64)
                ENGINE = {ReplacingMergeTree} ORDER BY version SHARD BY intHash64(0);
                """)
    }

    /// Codes of "this column is there already" and "this column is gone already".
    private static var repeated: Set<String> { ["44", "15", "10", "16"] }

    func migrate(_ migrations: [Migration]) async throws -> [Int] {
        for statement in try ddl.statements(of: Self.ledger) { try await runOnce(statement) }
        let applied = try await applied()
        let known = migrations.map(\.version).max() ?? 0
        if let newest = applied.keys.max(), newest > known {
            throw StorageError.schemaTooNew(found: newest, known: known)
        }
        var now: [Int] = []
        for migration in migrations.sorted(by: { $0.version < $1.version }) {
            if let checksum = applied[migration.version] {
                guard checksum == Self.checksum(migration.statements) else {
                    throw StorageError.migrationChanged(version: migration.version, name: migration.name)
                }
                continue
            }
            for statement in try ddl.statements(of: migration) { try await runOnce(statement) }
            try await record(migration)
            now.append(migration.version)
        }
        return now
    }

    /// The newest applied version, 0 for a store without schema.
    func appliedVersion() async throws -> Int {
        let exists = try await store.query(
            "SELECT count() FROM system.tables WHERE database = \(ddl.database) AND name = 'schema_migrations'"
        ).ints(0)
        guard exists.first == 1 else { return 0 }
        return try await applied().keys.max() ?? 0
    }

    private func applied() async throws -> [Int: UInt64] {
        let rows = try await store.query("SELECT version, checksum FROM schema_migrations ORDER BY version")
        let versions = try rows.ints(0).map(Int.init)
        let checksums = try rows.ints(1).map(UInt64.init(bitPattern:))
        return Dictionary(zip(versions, checksums)) { $1 }
    }

    private func runOnce(_ statement: String) async throws {
        guard try await !isDone(statement) else { return }
        do {
            try await run(statement)
        } catch StorageError.statement(let code, _, _)
            where Self.repeated.contains(code) && statement.contains("ALTER TABLE")
        {
            // An earlier run came this far and no further.
        }
    }

    /// Whether every column that the statement adds is there. On a cluster, old servers hold up all later changes when
    /// two replicas find at the same moment that there is nothing to do.
    private func isDone(_ statement: String) async throws -> Bool {
        let additions = statement.components(separatedBy: " ADD COLUMN ")
        let names = additions[0].split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        guard additions.count > 1, names.count > 3, names[0] == "ALTER TABLE " else { return false }
        let there = Set(
            try await store.query(
                "SELECT name FROM system.columns WHERE database = \(names[1]) AND table = \(names[3])"
            ).strings(0))
        return additions.dropFirst().allSatisfy { there.contains(String($0.prefix { $0 != " " })) }
    }

    private func record(_ migration: Migration) async throws {
        let block = AnalyticsBlock(
            table: "schema_migrations",
            columns: [
                ("version", .uint32([UInt32(migration.version)])), ("name", .string([migration.name])),
                ("checksum", .uint64([Self.checksum(migration.statements)])),
            ])
        try await store.insert(block, token: "migration \(migration.version)")
    }

    /// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv): tells an edited file, not an adversary.
    static func checksum(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
