/// Changes of tables and of their rows on a cluster, which servers before 19.1 cannot do `ON CLUSTER` by themselves.
extension ClusterAnalyticsStore {
    /// What a server answers to an `ALTER … ON CLUSTER` of a distributed table when it takes only replicated ones.
    private static let notReplicated = "371"
    /// What they answer while another process makes that table anew.
    private static let noTable = "60"

    private static let frontTries = 100
    private static let frontPause = Duration.milliseconds(100)

    /// Runs an `ALTER TABLE` and waits until every node that answers has done it.
    func alter(_ statement: String) async throws {
        let ddl = try await ready()
        do {
            if ddl.cluster == nil || ddl.version.altersOnce {
                try await send(statement)
            } else if statement.hasPrefix("ALTER TABLE \(AnalyticsDDL.identifier(ddl.database)).") {
                return try await renewFront(of: statement)
            } else if let shards = try await shards(ddl) {
                try await alter(shards, statement.replacing(ddl.onCluster, with: "", maxReplacements: 1))
            } else {
                try await send(statement)
            }
        } catch StorageError.statement(let code, _, _) where code == Self.notReplicated || code == Self.noTable {
            return try await renewFront(of: statement)
        }
        try await waitForMutations()
    }

    /// Has one replica of each shard do it, which hands it on to the others through ZooKeeper.
    private func alter(_ shards: [ClickHouseHosts], _ statement: String) async throws {
        for shard in shards {
            try await write { connection in
                let request = ClickHouseConnection.Request(
                    parameters: baseParameters(database: server.database), body: Array(statement.utf8),
                    seconds: Self.changeSeconds)
                _ = try shard.reach(.query, sql: statement, seconds: Self.changeSeconds) {
                    try connection.send(request, to: $0)
                }
            }
        }
    }

    /// The nodes of the address that answer, by shard; nil when they are not of every shard.
    private func shards(_ ddl: AnalyticsDDL) async throws -> [ClickHouseHosts]? {
        let cluster = ddl.cluster ?? ""
        let all = try await query("SELECT DISTINCT shard_num FROM system.clusters WHERE cluster = \(cluster)").ints(0)
        var hosts: [Int64: [String]] = [:]
        for host in self.hosts.all {
            guard let shard = try await shard(of: host, cluster) else { continue }
            hosts[shard, default: []].append(host)
        }
        guard hosts.count == Set(all).count else { return nil }
        return hosts.sorted { $0.key < $1.key }.map { ClickHouseHosts($0.value) }
    }

    private func shard(of host: String, _ cluster: String) async throws -> Int64? {
        let sql: AnalyticsSQL = "SELECT shard_num FROM system.clusters WHERE cluster = \(cluster) AND is_local = 1"
        return try await read { connection in
            let request = ClickHouseConnection.Request(
                parameters: baseParameters(database: "default"), body: Array(sql.text.utf8),
                seconds: Self.changeSeconds)
            do {
                return try Self.table(try connection.send(request, to: host)).ints(0).first
            } catch is ClickHouseConnection.TransportError {
                return nil
            }
        }
    }

    /// Makes the distributed table of an `ALTER` anew over the changed replicated ones: old servers cannot alter it on
    /// all nodes. It holds no rows; queries fail for the moment between.
    private func renewFront(of statement: String) async throws {
        let ddl = try await ready()
        let parts = statement.split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count > 3 else { throw StorageError.statement(code: "ddl", message: "no table", sql: statement) }
        let table = String(parts[3])
        guard let engine = try await frontEngine(table, ddl) else {
            throw StorageError.statement(code: Self.noTable, message: "table \(table) does not exist", sql: statement)
        }
        let name = AnalyticsDDL.identifier(ddl.database) + "." + AnalyticsDDL.identifier(table)
        let rows = AnalyticsDDL.identifier(ddl.localDatabase) + "." + AnalyticsDDL.identifier(table)
        try await send("DROP TABLE IF EXISTS \(name)\(ddl.onCluster)")
        try await send("CREATE TABLE IF NOT EXISTS \(name)\(ddl.onCluster) AS \(rows) ENGINE = \(engine)")
    }

    /// The engine of a distributed table. Another process may be making it anew just now, so what is gone is
    /// waited for.
    private func frontEngine(_ table: String, _ ddl: AnalyticsDDL) async throws -> String? {
        for _ in 0..<Self.frontTries {
            let engine = try await query(
                "SELECT engine_full FROM system.tables WHERE database = \(ddl.database) AND name = \(table)"
            ).strings(0)
            if let engine = engine.first { return engine }
            try await Task.sleep(for: Self.frontPause)
        }
        return nil
    }
}
