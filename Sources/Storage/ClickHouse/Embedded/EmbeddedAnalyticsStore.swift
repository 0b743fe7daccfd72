import Foundation

/// ClickHouse in this process (chDB) on a folder.
///
/// One thread writes, a few read, one stops queries; each has a connection of its own. The engine starts in the
/// background when the store is made, and every call waits for it.
struct EmbeddedAnalyticsStore: AnalyticsStore {
    private let address: AnalyticsAddress
    private let folder: String
    private let ddl: AnalyticsDDL
    private let writer: BlockingThreads<ChDBConnection>
    private let readers: BlockingThreads<ChDBConnection>
    private let stopper: BlockingThreads<ChDBConnection>

    /// Queries at the same time; more wait.
    private static let readersMax = 4
    /// How often, and how many times, a running query is told to stop before it is left to its time limit.
    private static let stopRetryMilliseconds: UInt32 = 50
    private static let stopTriesMax = 100

    init(address: AnalyticsAddress, folder: String, database: String, library: String) {
        self.address = address
        self.folder = folder
        ddl = AnalyticsDDL(database: database, target: .embedded)
        let pool = { (name: String, count: Int, settings: [String: String]) in
            BlockingThreads(
                name: name, count: count,
                make: { try ChDBConnection(folder: folder, library: library, database: database, settings: settings) },
                dispose: { $0.close() })
        }
        let common = ["session_timezone": "UTC"]
        writer = pool("analytics writer", 1, common.merging(Self.writerSettings) { $1 })
        readers = pool("analytics reader", Self.readersMax, common.merging(["readonly": "2"]) { $1 })
        stopper = pool("analytics stopper", 1, [:])
        readers.warm()
    }

    /// Loads are synchronous, mutations are waited for, and a large `INSERT … SELECT` is bounded.
    private static let writerSettings = [
        "async_insert": "0", "mutations_sync": "2", "max_memory_usage": "1500000000",
        "max_bytes_before_external_group_by": "500000000", "max_bytes_before_external_sort": "500000000",
        "min_insert_block_size_rows": "250000", "min_insert_block_size_bytes": "67108864",
    ]

    func query(_ sql: AnalyticsSQL, limits: QueryLimits) async throws -> AnalyticsTable {
        let ticket = QueryTicket(prefix: "perennial")
        return try await withTaskCancellationHandler {
            try await readers.run { connection in
                try ticket.start()
                defer { ticket.finish() }
                do {
                    try connection.apply(Self.settings(limits))
                    return try connection.query("\(sql.text) /* \(ticket.tag). */")
                } catch let error as StorageError {
                    throw error.timedOut(after: limits.seconds)
                }
            }
        } onCancel: {
            if ticket.cancel() { stop(ticket) }
        }
    }

    func insert(_ block: AnalyticsBlock, token: String) async throws {
        guard block.count > 0 else { return }
        try block.checkShape()
        let database = ddl.database
        try await writer.run { connection in
            do {
                try connection.ingest(block, token: token)
            } catch StorageError.statement(let code, _, _) where code == Self.columnsDiffer {
                // The ingest wants every column; a cluster fills in what a block leaves out, and so is done here.
                let columns = try connection.query(
                    """
                    SELECT name, type FROM system.columns WHERE database = \(AnalyticsSQL.quoted(database))
                    AND table = \(AnalyticsSQL.quoted(block.table)) ORDER BY position
                    """)
                let described = zip(try columns.strings(0), try columns.strings(1)).map { (name: $0, type: $1) }
                try connection.ingest(block.completed(with: described), token: token)
            }
        }
    }

    var remembersLostLoads: Bool { true }

    /// NUMBER_OF_COLUMNS_DOESNT_MATCH
    private static let columnsDiffer = "20"

    func execute(_ sql: AnalyticsSQL) async throws {
        for statement in try ddl.render(sql.text) { try await run(statement) }
    }

    func migrate(_ migrations: [Migration]) async throws -> [Int] {
        let applied = try await migrator.migrate(migrations)
        try await syncMerges()
        return applied
    }

    /// Gives tables that were made before it the setting.
    private func syncMerges() async throws {
        let tables = try await query(
            """
            SELECT name FROM system.tables WHERE database = \(ddl.database) AND engine LIKE \("%MergeTree")
            AND create_table_query NOT LIKE \("%min_rows_to_fsync_after_merge%") ORDER BY name
            """
        ).strings(0)
        for table in tables {
            let settings = AnalyticsDDL.syncedMerges.joined(separator: ", ")
            try await run("ALTER TABLE \(AnalyticsDDL.identifier(table)) MODIFY SETTING \(settings)")
        }
    }

    private var migrator: AnalyticsMigrator<Self> {
        AnalyticsMigrator(store: self, ddl: ddl) { try await run($0) }
    }

    private func run(_ statement: String) async throws {
        try await writer.run { try $0.execute(statement) }
    }

    func diagnose() async throws -> StoreDiagnosis {
        let version = try await query("SELECT version()").strings(0)
        let database = ddl.database
        let parts = try await query(
            "SELECT count(), sum(bytes_on_disk) FROM system.parts WHERE active AND database = \(database)")
        let broken = try await query(
            "SELECT count() FROM system.detached_parts WHERE database = \(database)"
        ).ints(0)
        var warnings: [String] = []
        if let count = broken.first, count > 0 {
            warnings.append("\(count) damaged parts were set aside in \(folder)")
        }
        return StoreDiagnosis(
            product: "chDB", version: version.first ?? "", address: address.shown, bytes: try parts.ints(1).first,
            schemaVersion: try await migrator.appliedVersion(), warnings: warnings)
    }

    func backup(to folder: String) async throws {
        let backup = AnalyticsBackup(folder: folder)
        try backup.begin()
        var tables: [AnalyticsBackup.Table] = []
        for table in try await AnalyticsBackup.tables(of: self, database: ddl.database) {
            let file = backup.file(of: table.name)
            let columns = table.columns.map { AnalyticsDDL.identifier($0.name) }
            let casts = zip(columns, table.columns).map { "CAST(\($0) AS \($1.type)) AS \($0)" }
            let structure = zip(columns, table.columns).map { "\($0) \($1.type)" }.joined(separator: ", ")
            try await run(
                """
                INSERT INTO FUNCTION file(\(AnalyticsSQL.quoted(file)), 'Native', \(AnalyticsSQL.quoted(structure)))
                SELECT \(casts.joined(separator: ", ")) FROM \(table.source)
                """)
            tables.append(try backup.counted(table))
        }
        try backup.finish(schemaVersion: try await migrator.appliedVersion(), tables: tables)
    }

    func restore(from folder: String) async throws {
        let backup = AnalyticsBackup(folder: folder)
        let manifest = try backup.open(schemaVersion: try await migrator.appliedVersion())
        try await backup.checkEmpty(self, manifest)
        for table in manifest.tables where table.rows > 0 {
            let columns = table.columns.map { AnalyticsDDL.identifier($0.name) }.joined(separator: ", ")
            try await run(
                """
                INSERT INTO \(AnalyticsDDL.identifier(table.name)) (\(columns))
                SELECT \(columns) FROM file(\(AnalyticsSQL.quoted(backup.file(of: table.name))), 'Native')
                """)
        }
        try await backup.checkRestored(self, manifest)
    }

    func close() async {
        await readers.stop()
        await stopper.stop()
        await writer.stop()
    }

    private static func settings(_ limits: QueryLimits) -> [String: String] {
        [
            "max_execution_time": String(limits.seconds),
            "max_memory_usage": String(limits.memoryBytes),
            "max_bytes_before_external_group_by": String(limits.memoryBytes / 2),
            "max_bytes_before_external_sort": String(limits.memoryBytes / 2),
            "max_result_rows": String(limits.rows),
            "result_overflow_mode": "throw",
            "optimize_aggregation_in_order": limits.groupsInKeyOrder ? "1" : "0",
        ]
    }

    /// `AdbcStatementCancel` does not stop a query, `KILL QUERY` from another connection does. The query may not have
    /// reached the engine yet, so this is repeated while it runs.
    private func stop(_ ticket: QueryTicket) {
        stopper.post { connection in
            for _ in 0..<Self.stopTriesMax where ticket.isRunning {
                let kill: AnalyticsSQL =
                    "KILL QUERY WHERE query LIKE \("%/* \(ticket.tag). */") AND query NOT LIKE 'KILL%' ASYNC"
                // A kill that fails is tried again; the query ends by its own time limit at the latest.
                do { try connection.execute(kill.text) } catch {}
                usleep(Self.stopRetryMilliseconds * 1000)
            }
        }
    }
}

extension StorageError {
    /// Fills in the limit that the engine's error does not carry.
    func timedOut(after seconds: Int) -> StorageError {
        if case .timedOut = self { .timedOut(seconds: Double(seconds)) } else { self }
    }
}
