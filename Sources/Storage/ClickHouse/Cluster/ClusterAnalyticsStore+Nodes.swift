import Foundation

/// What concerns each node rather than the cluster as one: mutations, health.
extension ClusterAnalyticsStore {
    private static let pollMilliseconds = 100

    func diagnose() async throws -> StoreDiagnosis {
        let ddl = try await ready()
        let version = try await query("SELECT version()").strings(0).first ?? ""
        let parts = AnalyticsSQL(
            text: ddl.cluster.map { "cluster(\(AnalyticsSQL.quoted($0)), system, parts)" } ?? "system.parts")
        let bytes = try await query(
            "SELECT sum(bytes_on_disk) FROM \(parts) WHERE active AND database = \(ddl.rowsDatabase)"
        ).ints(0).first
        return StoreDiagnosis(
            product: "ClickHouse", version: version, address: address.shown, bytes: bytes,
            schemaVersion: try await migrator().appliedVersion(), warnings: try await warnings(ddl))
    }

    /// Waits until every node that answers has done its part of the changes of rows. A node that is down does its part
    /// when it is back.
    func waitForMutations() async throws {
        let ddl = try await ready()
        let mutations = try await everywhere("mutations", ddl)
        let polls = Self.changeSeconds * 1000 / Self.pollMilliseconds
        for _ in 0..<polls {
            let open = try await query(
                "SELECT count() FROM \(mutations) WHERE database = \(ddl.rowsDatabase) AND is_done = 0"
            ).ints(0)
            if open.first == 0 { return }
            try await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
        throw StorageError.timedOut(seconds: Double(Self.changeSeconds))
    }

    private func warnings(_ ddl: AnalyticsDDL) async throws -> [String] {
        guard ddl.cluster != nil else { return [] }
        var warnings: [String] = []
        for node in try await nodes(ddl) {
            do {
                warnings += try await replicaWarnings(node, ddl)
            } catch let error as StorageError {
                warnings.append("\(node) does not answer: \(error)")
            }
        }
        return warnings
    }

    private func replicaWarnings(_ node: String, _ ddl: AnalyticsDDL) async throws -> [String] {
        let replicas = try await query(
            """
            SELECT table, is_readonly, is_session_expired, absolute_delay FROM \(remote([node], "replicas"))
            WHERE database = \(ddl.rowsDatabase) AND (is_readonly OR is_session_expired OR absolute_delay > 60)
            """)
        let (tables, readonly) = (try replicas.strings(0), try replicas.ints(1))
        let (expired, delays) = (try replicas.ints(2), try replicas.ints(3))
        return tables.indices.map { row in
            if readonly[row] != 0 { return "\(node): table \(tables[row]) is read-only" }
            if expired[row] != 0 {
                return "\(node): table \(tables[row]) lost its ZooKeeper session; run SYSTEM RESTART REPLICA there"
            }
            return "\(node): table \(tables[row]) is \(delays[row]) seconds behind"
        }
    }

    /// A system table of all nodes together, as a table expression.
    private func everywhere(_ table: String, _ ddl: AnalyticsDDL) async throws -> AnalyticsSQL {
        guard ddl.cluster != nil else { return "system.\(raw: table)" }
        var alive: [String] = []
        for node in try await nodes(ddl) where try await answers(node) { alive.append(node) }
        return remote(alive, table)
    }

    private func answers(_ node: String) async throws -> Bool {
        do {
            _ = try await query("SELECT count() FROM \(remote([node], "one"))")
            return true
        } catch StorageError.unavailable {
            return false
        }
    }

    private func nodes(_ ddl: AnalyticsDDL) async throws -> [String] {
        let answer = try await query(
            """
            SELECT concat(host_address, ':', toString(port)) AS node FROM system.clusters
            WHERE cluster = \(ddl.cluster ?? "") ORDER BY shard_num, replica_num
            """)
        return try answer.strings(0)
    }

    private func remote(_ nodes: [String], _ table: String) -> AnalyticsSQL {
        let list = nodes.joined(separator: ",")
        return "remote(\(list), system, \(raw: table), \(server.user), \(server.password))"
    }
}
