import Foundation

extension ClusterAnalyticsStore {
    private static let copySeconds = 3600
    /// A restore sends about this much at a time.
    private static let portionBytes = 32 << 20

    func backup(to folder: String) async throws {
        let ddl = try await ready()
        let backup = AnalyticsBackup(folder: folder)
        try backup.begin()
        var tables: [AnalyticsBackup.Table] = []
        for table in try await AnalyticsBackup.tables(of: self, database: ddl.rowsDatabase) {
            try await copy(table, to: backup.file(of: table.name), ddl)
            tables.append(try backup.counted(table))
        }
        try backup.finish(schemaVersion: try await migrator().appliedVersion(), tables: tables)
    }

    func restore(from folder: String) async throws {
        let version = try await ready().version
        let backup = AnalyticsBackup(folder: folder)
        let manifest = try backup.open(schemaVersion: try await migrator().appliedVersion())
        try await backup.checkEmpty(self, manifest)
        for table in manifest.tables where table.rows > 0 {
            let columns = table.columns.map { AnalyticsDDL.identifier($0.name) }.joined(separator: ", ")
            let statement = "INSERT INTO \(AnalyticsDDL.identifier(table.name)) (\(columns)) FORMAT Native"
            let file = try NativeFile(path: backup.file(of: table.name))
            for portion in try file.portions(bytes: Self.portionBytes) {
                try await write { connection in
                    try load(
                        file.bytes(portion), statement, token: "restore \(table.name) \(portion.lowerBound)", version,
                        connection)
                }
            }
        }
        try await backup.checkRestored(self, manifest)
    }

    /// Writes a table's rows as they arrive. An error that comes after the first rows leaves a file that does not
    /// parse.
    private func copy(_ table: AnalyticsBackup.Table, to path: String, _ ddl: AnalyticsDDL) async throws {
        let columns = table.columns.map {
            let name = AnalyticsDDL.identifier($0.name)
            return "CAST(\(name) AS \($0.type)) AS \(name)"
        }
        let sql = "SELECT \(columns.joined(separator: ", ")) FROM \(table.source)"
        let limits = QueryLimits(seconds: Self.copySeconds, memoryBytes: 4_000_000_000, rows: 0)
        let parameters =
            [
                ("database", server.database), ("default_format", "Native"), ("load_balancing", "in_order"),
                ("distributed_product_mode", "local"),
            ] + queryParameters(limits, ddl.version)
        try await read { connection in
            try hosts.reach(.query, sql: sql, seconds: Self.copySeconds) { host in
                guard FileManager.default.createFile(atPath: path, contents: nil),
                    let file = FileHandle(forWritingAtPath: path)
                else { throw StorageError.cannotWrite(message: path) }
                defer { file.closeFile() }
                let request = ClickHouseConnection.Request(
                    parameters: parameters, body: Array(sql.utf8), seconds: Self.copySeconds, file: file)
                _ = try connection.send(request, to: host)
            }
        }
    }
}
