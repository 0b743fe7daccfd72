import Foundation

/// Copies a store into a folder, table by table, from one snapshot: a backup of SQLite restores into PostgreSQL and
/// the other way round.
struct StoreBackup<Store: OperationalBackend>: Sendable {
    private static var batchRows: Int { 2_000 }

    let store: Store
    let folder: String

    /// Throws: `BackupError`, `StorageError`.
    func write() async throws {
        try makeFolder()
        let manifest = try await store.transaction(TransactionMode(readOnly: true)) { link in
            let names = try StoreTables.names(on: link)
            let isMigrated = names.contains(MigrationTable.name)
            let migrations = isMigrated ? try MigrationTable.migrations(on: link) : []
            return BackupManifest(
                format: BackupManifest.currentFormat, dialect: link.dialect.rawValue,
                migrations: migrations.map { .init(version: $0.version, name: $0.name, statements: $0.statements) },
                tables: try names.filter { $0 != MigrationTable.name }.map { try copy($0, from: link) },
                sequences: try StoreTables.sequences(on: link))
        }
        try save(manifest)
    }

    private func makeFolder() throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let present = try FileManager.default.contentsOfDirectory(atPath: folder)
            guard present.isEmpty else { throw BackupError.folderNotEmpty(folder) }
        } catch let error as BackupError {
            throw error
        } catch {
            throw BackupError.file(path: folder, message: error.localizedDescription)
        }
    }

    private func copy(_ name: String, from link: any SQLConnection) throws -> BackupManifest.Table {
        var table = BackupManifest.Table(
            name: name, columns: try StoreTables.columns(of: name, on: link), rows: 0, checksum: "")
        let file = try BackupFileWriter(path: "\(folder)/\(table.fileName)")
        let columns = table.columns.map { "\"\($0)\"" }.joined(separator: ", ")
        try link.forEach("SELECT \(raw: columns) FROM \(raw: "\"\(name)\"")", batch: Self.batchRows) { rows in
            table.rows += rows.count
            for row in rows { try file.write(row) }
        }
        table.checksum = try file.finish()
        return table
    }

    private func save(_ manifest: BackupManifest) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let path = "\(folder)/\(BackupManifest.fileName)"
        do {
            try encoder.encode(manifest).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw BackupError.file(path: path, message: error.localizedDescription)
        }
    }
}
