/// Renders statements with tokens for the store at hand, so that one migration file serves a folder, one server and a
/// sharded, replicated cluster. Tokens inside quotes are left alone.
///
/// | token | embedded, one server | cluster |
/// | --- | --- | --- |
/// | `{LC}` | `LowCardinality(String)` | the same, `String` before ClickHouse 19.4 |
/// | `{MergeTree}` | `MergeTree()` | `ReplicatedMergeTree('/clickhouse/tables/{shard}/DB/NAME', '{replica}')` |
/// | `{ReplacingMergeTree(ver)}` | `ReplacingMergeTree(ver)` | `ReplicatedReplacingMergeTree('…', '{replica}', ver)` |
/// | `{data NAME}` | `DB.NAME` | `DB_local.NAME ON CLUSTER C`: the table that holds the rows |
/// | `{each NAME}` | `DB.NAME` | once as `{data NAME}`, once as `DB.NAME ON CLUSTER C` (the distributed table) |
///
/// Other engines of the MergeTree family are written the same way. `CREATE TABLE NAME (…) ENGINE = {…} … SHARD BY expr`
/// becomes, on a cluster, the replicated table in `DB_local` and a distributed table in `DB`; elsewhere `SHARD BY` is
/// dropped. The renderer appends `SETTINGS` (durability, deduplication) itself. Deleting and updating rows and dropping
/// partitions take `{data NAME}`; adding and dropping columns and dropping a table take `{each NAME}`; queries and
/// loads name tables plainly.
package struct AnalyticsDDL: Sendable {
    enum Target: Sendable, Equatable {
        case embedded
        case server(ClickHouseVersion)
        case cluster(name: String, ClickHouseVersion)
    }

    let database: String
    let target: Target

    /// Each statement of a migration file, rendered, in order.
    func statements(of migration: Migration) throws -> [String] {
        try Self.split(migration.statements).flatMap { try render($0) }
    }

    /// One statement, rendered: itself, or its two halves on a cluster.
    func render(_ statement: String) throws -> [String] {
        if let table = Self.createdTable(statement) { return try create(table, statement) }
        let halves = [true, false].map { data in
            Self.replaceTokens(statement) { token in
                let words = token.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
                guard words.count == 2, words[0] == "data" || words[0] == "each" else { return typeToken(token) }
                return address(of: words[1], data: data || words[0] == "data")
            }
        }
        return halves[0] == halves[1] ? [halves[0]] : halves
    }

    /// A name in backquotes.
    package static func identifier(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "\\`") + "`"
    }

    var localDatabase: String { database + "_local" }

    /// The cluster's name, nil elsewhere.
    var cluster: String? {
        if case .cluster(let name, _) = target { name } else { nil }
    }

    /// What the servers can do; the embedded engine can do all.
    var version: ClickHouseVersion {
        switch target {
        case .embedded: ClickHouseVersion(major: .max, minor: 0)
        case .server(let version), .cluster(_, let version): version
        }
    }

    /// The database that holds the rows.
    var rowsDatabase: String { cluster == nil ? database : localDatabase }
    var databases: [String] { cluster == nil ? [database] : [database, localDatabase] }
    var onCluster: String { cluster.map { " ON CLUSTER " + Self.identifier($0) } ?? "" }

    private func create(_ table: String, _ statement: String) throws -> [String] {
        let (body, shardKey) = Self.splitShardKey(statement)
        guard let columns = body.firstIndex(of: "(") else {
            throw StorageError.statement(code: "ddl", message: "CREATE TABLE \(table) lists no columns", sql: statement)
        }
        let definition = Self.replaceTokens(String(body[columns...])) { token in
            typeToken(token) ?? engine(token, table: table)
        }
        let settings = " SETTINGS " + self.settings.joined(separator: ", ")
        guard case .cluster(let cluster, _) = target else {
            return ["CREATE TABLE IF NOT EXISTS \(qualified(database, table)) \(definition)\(settings)"]
        }
        guard let shardKey else {
            throw StorageError.statement(
                code: "ddl", message: "CREATE TABLE \(table) has no SHARD BY, which a cluster needs", sql: statement)
        }
        let on = "ON CLUSTER \(Self.identifier(cluster))"
        return [
            "CREATE TABLE IF NOT EXISTS \(qualified(localDatabase, table)) \(on) \(definition)\(settings)",
            "CREATE TABLE IF NOT EXISTS \(qualified(database, table)) \(on) AS \(qualified(localDatabase, table)) "
                + "ENGINE = Distributed(\(Self.identifier(cluster)), \(Self.identifier(localDatabase)), "
                + "\(Self.identifier(table)), \(shardKey))",
        ]
    }

    private func typeToken(_ token: String) -> String? {
        guard token == "LC" else { return nil }
        if case .cluster(_, let version) = target, !version.hasLowCardinality { return "String" }
        return "LowCardinality(String)"
    }

    private func engine(_ token: String, table: String) -> String? {
        let name = token.prefix { $0 != "(" }
        guard name.hasSuffix("MergeTree") else { return nil }
        let arguments = token.dropFirst(name.count).dropFirst().dropLast()
        guard case .cluster = target else { return "\(name)(\(arguments))" }
        let path = "/clickhouse/tables/{shard}/\(database)/\(table)"
        let rest = arguments.isEmpty ? "" : ", \(arguments)"
        return "Replicated\(name)('\(path)', '{replica}'\(rest))"
    }

    private func address(of table: String, data: Bool) -> String {
        guard case .cluster(let cluster, _) = target else { return qualified(database, table) }
        return qualified(data ? localDatabase : database, table) + " ON CLUSTER " + Self.identifier(cluster)
    }

    private func qualified(_ database: String, _ table: String) -> String {
        Self.identifier(database) + "." + Self.identifier(table)
    }

    /// How many past loads a table remembers, to recognise a repeated one.
    static let rememberedLoads = 1000

    /// What makes a merge sync what it wrote: on chDB only a sync tells that a write failed (`cadbc_watch_writes`), and
    /// the parts that were merged are removed at once.
    static let syncedMerges = ["min_rows_to_fsync_after_merge = 1", "min_compressed_bytes_to_fsync_after_merge = 1"]

    private var settings: [String] {
        let durable = ["fsync_after_insert = 1", "fsync_part_directory = 1"]
        let granularity = ["index_granularity = 8192"]
        switch target {
        case .embedded, .server:
            return granularity + ["non_replicated_deduplication_window = \(Self.rememberedLoads)"] + durable
                + (target == .embedded ? Self.syncedMerges : [])
        case .cluster(_, let version):
            return granularity + ["replicated_deduplication_window = \(Self.rememberedLoads)"]
                + (version.hasFsync ? durable : [])
        }
    }
}
