import Foundation

/// Brings a backup back into an empty store: all of it in one transaction, or nothing.
///
/// A store without a schema gets the backup's; a migrated one must have exactly the same and hold no rows.
struct StoreRestore<Store: OperationalBackend>: Sendable {
    private static var batchRows: Int { 1_000 }

    let store: Store
    let folder: String

    /// Throws: `BackupError`, `StorageError`.
    func run() async throws {
        let manifest = try load()
        try await store.transaction(TransactionMode(readOnly: false)) { link in
            try prepareSchema(manifest, on: link)
            for table in manifest.tables { try fill(table, on: link) }
            for (table, last) in manifest.sequences.sorted(by: { $0.key < $1.key }) {
                try StoreTables.advance(table, to: last, on: link)
            }
            // PostgreSQL would plan for empty tables until its own maintenance comes by.
            if link.dialect == .postgresql { try link.executeOnce("ANALYZE") }
        }
    }

    private func load() throws -> BackupManifest {
        let path = "\(folder)/\(BackupManifest.fileName)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BackupError.noBackup(folder: folder)
        }
        do {
            let manifest = try JSONDecoder().decode(BackupManifest.self, from: data)
            guard manifest.format == BackupManifest.currentFormat else { throw BackupError.noBackup(folder: folder) }
            return manifest
        } catch is DecodingError {
            throw BackupError.damaged(file: path, line: 1, reason: "the manifest cannot be read")
        }
    }

    private func prepareSchema(_ manifest: BackupManifest, on link: any OperationalLink) throws {
        let present = try StoreTables.names(on: link)
        for table in present where table != MigrationTable.name {
            guard try link.first("SELECT 1 FROM \(raw: "\"\(table)\"") LIMIT 1") == nil else {
                throw BackupError.storeNotEmpty(table: table)
            }
        }
        try MigrationTable.create(on: link)
        let wanted = manifest.migrations.map {
            Migration(version: $0.version, name: $0.name, statements: $0.statements)
        }
        let applied = try MigrationTable.migrations(on: link)
        guard applied.isEmpty else {
            guard applied.map(\.checksum) == wanted.map(\.checksum) else {
                throw BackupError.schemaDiffers(stored: applied.map(\.version), inBackup: wanted.map(\.version))
            }
            return
        }
        for migration in wanted { try MigrationTable.apply(migration, on: link) }
        // Rows that a migration brings are in the backup too.
        for table in manifest.tables { try link.executeOnce("DELETE FROM \"\(table.name)\"") }
    }

    private func fill(_ table: BackupManifest.Table, on link: any SQLConnection) throws {
        let columns = table.columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let places = Array(repeating: "?", count: table.columns.count).joined(separator: ", ")
        let statement = "INSERT INTO \"\(table.name)\" (\(columns)) VALUES (\(places))"
        var batch: [[SQLValue]] = []
        var count = 0
        let checksum = try BackupFileReader(path: "\(folder)/\(table.fileName)").forEachLine { line, number in
            guard let row = BackupLine.parse(line), row.count == table.columns.count else {
                throw BackupError.damaged(
                    file: table.fileName, line: number, reason: "\(table.columns.count) values were expected")
            }
            batch.append(row)
            count += 1
            if batch.count == Self.batchRows {
                try link.executeMany(statement, batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        try link.executeMany(statement, batch)
        guard count == table.rows, checksum == table.checksum else {
            throw BackupError.damaged(
                file: table.fileName, line: count, reason: "the file is not the one that was backed up")
        }
    }
}
