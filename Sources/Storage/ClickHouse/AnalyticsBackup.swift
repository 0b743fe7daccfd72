import Foundation

/// A folder that holds a copy of an analytics store: `manifest.json`, and per table `NAME.native` in ClickHouse's
/// Native format with plain column types, readable by every kind and version of store.
struct AnalyticsBackup {
    struct Column: Codable, Equatable {
        var name: String
        var type: String
    }

    struct Table: Codable, Equatable {
        var name: String
        var columns: [Column]
        /// Rows replace one another (ReplacingMergeTree); only current ones are copied and counted.
        var replacing: Bool
        var rows: Int

        var source: String { AnalyticsDDL.identifier(name) + (replacing ? " FINAL" : "") }
    }

    struct Manifest: Codable {
        var format: Int
        var schemaVersion: Int
        var tables: [Table]
    }

    private static let format = 1
    private static let ledger = "schema_migrations"

    let folder: String

    func file(of table: String) -> String { folder + "/" + table + ".native" }

    private var manifestFile: String { folder + "/manifest.json" }

    /// Makes the folder. Throws: `StorageError.cannotWrite` when it holds a backup already.
    func begin() throws {
        guard !FileManager.default.fileExists(atPath: manifestFile) else {
            throw StorageError.cannotWrite(message: "\(folder) holds a backup already; choose an empty folder")
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".native") {
            try FileManager.default.removeItem(atPath: folder + "/" + name)
        }
    }

    /// Counts the rows that the table's file really holds. Throws: `StorageError` when the file is broken.
    func counted(_ table: Table) throws -> Table {
        var table = table
        guard FileManager.default.fileExists(atPath: file(of: table.name)) else {
            table.rows = 0
            return table
        }
        table.rows = try NativeFile(path: file(of: table.name)).countRows()
        return table
    }

    /// Writes the manifest: a folder without one is no backup.
    func finish(schemaVersion: Int, tables: [Table]) throws {
        let manifest = Manifest(format: Self.format, schemaVersion: schemaVersion, tables: tables)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(manifest).write(to: URL(fileURLWithPath: manifestFile), options: .atomic)
    }

    /// Reads the manifest. Throws: `StorageError` when it is missing, newer than the store's schema, or of another
    /// format.
    func open(schemaVersion: Int) throws -> Manifest {
        guard let data = FileManager.default.contents(atPath: manifestFile) else {
            throw StorageError.unavailable(message: "\(folder) holds no analytics backup (manifest.json is missing)")
        }
        let manifest = try JSONDecoder().decode(Manifest.self, from: data)
        guard manifest.format == Self.format else {
            throw StorageError.schemaTooNew(found: manifest.format, known: Self.format)
        }
        guard manifest.schemaVersion <= schemaVersion else {
            throw StorageError.schemaTooNew(found: manifest.schemaVersion, known: schemaVersion)
        }
        return manifest
    }

    /// Throws: `StorageError` when a table of the backup is missing in the store or holds rows.
    func checkEmpty(_ store: some AnalyticsStore, _ manifest: Manifest) async throws {
        for table in manifest.tables {
            guard try await rows(store, table) == 0 else {
                throw StorageError.cannotWrite(message: "table \(table.name) is not empty; restore into an empty store")
            }
        }
    }

    /// Throws: `StorageError` when a table holds another number of rows than the backup.
    func checkRestored(_ store: some AnalyticsStore, _ manifest: Manifest) async throws {
        for table in manifest.tables {
            let found = try await rows(store, table)
            guard found == table.rows else {
                throw StorageError.cannotWrite(
                    message: "table \(table.name) holds \(found) rows after the restore, \(table.rows) were expected")
            }
        }
    }

    /// The tables of a store with their columns in plain types, without the ledger of migrations. `database` is the one
    /// that holds the rows.
    static func tables(of store: some AnalyticsStore, database: String) async throws -> [Table] {
        let engines = try await store.query(
            """
            SELECT name, engine FROM system.tables
            WHERE database = \(database) AND name != \(ledger) AND engine LIKE '%MergeTree' ORDER BY name
            """)
        let columns = try await store.query(
            """
            SELECT table, name, type FROM system.columns
            WHERE database = \(database) AND table != \(ledger) AND default_kind = ''
            """)
        let (owners, names, types) = (try columns.strings(0), try columns.strings(1), try columns.strings(2))
        return try zip(engines.strings(0), engines.strings(1)).map { table, engine in
            let own = owners.indices.filter { owners[$0] == table }
            return Table(
                name: table, columns: own.map { Column(name: names[$0], type: plain(types[$0])) },
                replacing: engine.contains("Replacing"), rows: 0)
        }
    }

    /// `LowCardinality(T)` as `T`: a way of storing, not a type, and unknown to old servers.
    static func plain(_ type: String) -> String {
        guard type.hasPrefix("LowCardinality("), type.hasSuffix(")") else { return type }
        return String(type.dropFirst("LowCardinality(".count).dropLast())
    }

    private func rows(_ store: some AnalyticsStore, _ table: Table) async throws -> Int {
        let answer = try await store.query("SELECT count() FROM \(raw: table.source)")
        return Int(try answer.ints(0).first ?? 0)
    }
}
