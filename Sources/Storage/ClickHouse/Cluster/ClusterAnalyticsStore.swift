import Foundation
import Synchronization

/// ClickHouse over HTTP: a cluster of shards and replicas, or one server.
///
/// On a cluster every table is a replicated one in `DATABASE_local` and a distributed one over it in `DATABASE`. Loads
/// are synchronous and go one at a time; a repeated load is recognised by the servers from the content of its blocks.
struct ClusterAnalyticsStore: AnalyticsStore {
    let address: AnalyticsAddress
    let server: AnalyticsAddress.Server
    let hosts: ClickHouseHosts
    private let writer: BlockingThreads<ClickHouseConnection>
    private let readers: BlockingThreads<ClickHouseConnection>
    private let stopper: BlockingThreads<ClickHouseConnection>
    private let state: State

    /// What is learnt from the servers and kept.
    final class State: Sendable {
        let ddl = Mutex<AnalyticsDDL?>(nil)
        let columnTypes = Mutex<[String: [String: String]]>([:])
    }

    /// Queries at the same time; more wait.
    private static let readersMax = 8
    /// Time for a load, and for a change of schema or rows to reach every node.
    private static let loadSeconds = 120
    static let changeSeconds = 180
    /// Answers come this much later than the server's own time limit at the latest.
    private static let graceSeconds = 15
    private static let stopTriesMax = 50
    private static let stopMissesMax = 5

    init(address: AnalyticsAddress, server: AnalyticsAddress.Server) {
        self.address = address
        self.server = server
        hosts = ClickHouseHosts(server.hosts)
        state = State()
        let pool = { (name: String, count: Int) in
            BlockingThreads(
                name: name, count: count,
                make: { try ClickHouseConnection(user: server.user, password: server.password) },
                dispose: { $0.close() })
        }
        writer = pool("analytics writer", 1)
        readers = pool("analytics reader", Self.readersMax)
        stopper = pool("analytics stopper", 1)
    }

    func query(_ sql: AnalyticsSQL, limits: QueryLimits) async throws -> AnalyticsTable {
        let version = try await ready().version
        return try await ask(sql.text, database: server.database, version: version, limits: limits)
    }

    func insert(_ block: AnalyticsBlock, token: String) async throws {
        guard block.count > 0 else { return }
        try block.checkShape()
        let version = try await ready().version
        let types = try await columnTypes(block.table)
        let columns = block.columns.map { AnalyticsDDL.identifier($0.name) }.joined(separator: ", ")
        let statement = "INSERT INTO \(AnalyticsDDL.identifier(block.table)) (\(columns)) FORMAT Native"
        try await writer.run { connection in
            var native = NativeWriter()
            try native.write(block, types: types)
            try load(native.bytes, statement, token: token, version, connection)
        }
    }

    func execute(_ sql: AnalyticsSQL) async throws {
        for statement in try await ready().render(sql.text) { try await run(statement) }
    }

    func migrate(_ migrations: [Migration]) async throws -> [Int] {
        try await migrator().migrate(migrations)
    }

    func close() async {
        await readers.stop()
        await stopper.stop()
        await writer.stop()
    }

    func migrator() async throws -> AnalyticsMigrator<Self> {
        AnalyticsMigrator(store: self, ddl: try await ready()) { try await run($0) }
    }

    /// Runs one rendered statement and waits until every node that answers has done it.
    func run(_ statement: String) async throws {
        state.columnTypes.withLock { $0 = [:] }
        let text = String(statement.drop { $0.isWhitespace })
        if text.hasPrefix("ALTER TABLE") { try await alter(text) } else { try await send(text) }
    }

    func send(_ statement: String) async throws {
        try await writer.run { connection in
            let parameters =
                baseParameters(database: server.database) + [
                    ("distributed_ddl_task_timeout", String(Self.changeSeconds))
                ]
            let request = ClickHouseConnection.Request(
                parameters: parameters, body: Array(statement.utf8), seconds: Self.changeSeconds + Self.graceSeconds)
            _ = try hosts.reach(.query, sql: statement, seconds: Self.changeSeconds) {
                try connection.send(request, to: $0)
            }
        }
    }

    /// The nodes, databases and versions: looked at once, before the first call. Makes the databases if missing.
    func ready() async throws -> AnalyticsDDL {
        if let known = state.ddl.withLock({ $0 }) { return known }
        let version = ClickHouseVersion(try await look("SELECT version()").strings(0).first ?? "")
        let target: AnalyticsDDL.Target
        if let cluster = server.cluster {
            target = .cluster(name: cluster, version)
        } else {
            guard version.deduplicatesPlainTables else {
                throw StorageError.badAddress(
                    "ClickHouse \(version.major).\(version.minor) cannot recognise repeated loads outside a cluster: "
                        + "name the cluster (?cluster=NAME) or use 21.8 or newer")
            }
            target = .server(version)
        }
        let ddl = AnalyticsDDL(database: server.database, target: target)
        for database in ddl.databases {
            let there = try await look("SELECT count() FROM system.databases WHERE name = \(database)").ints(0)
            if there.first == 0 {
                try await look(
                    "CREATE DATABASE IF NOT EXISTS \(raw: AnalyticsDDL.identifier(database))\(raw: ddl.onCluster)")
            }
        }
        state.ddl.withLock { $0 = ddl }
        return ddl
    }

    // MARK: Asking

    /// Runs a statement outside the store's own database, which may not exist yet.
    @discardableResult
    private func look(_ sql: AnalyticsSQL) async throws -> AnalyticsTable {
        try await readers.run { connection in
            let request = ClickHouseConnection.Request(
                parameters: baseParameters(database: "default"), body: Array(sql.text.utf8), seconds: Self.changeSeconds
            )
            let bytes = try hosts.reach(.query, sql: sql.text, seconds: Self.changeSeconds) {
                try connection.send(request, to: $0)
            }
            return try Self.table(bytes)
        }
    }

    private func ask(
        _ sql: String, database: String, version: ClickHouseVersion, limits: QueryLimits
    ) async throws -> AnalyticsTable {
        let ticket = QueryTicket(prefix: "perennial-\(getpid())")
        return try await withTaskCancellationHandler {
            try await readers.run { connection in
                try ticket.start()
                defer { ticket.finish() }
                let request = ClickHouseConnection.Request(
                    parameters: baseParameters(database: database) + queryParameters(limits, version)
                        + [("query_id", ticket.tag)],
                    body: Array(sql.utf8), seconds: limits.seconds + Self.graceSeconds,
                    isCancelled: { ticket.isCancelled })
                return try hosts.reach(.query, sql: sql, seconds: limits.seconds) { host in
                    if ticket.isCancelled { throw CancellationError() }
                    let table = try Self.table(try connection.send(request, to: host))
                    return table.names.isEmpty ? try emptyTable(request, sql, connection, host) : table
                }
            }
        } onCancel: {
            if ticket.cancel() { stop(ticket) }
        }
    }

    private func stop(_ ticket: QueryTicket) {
        stopper.post { connection in
            let kill: AnalyticsSQL = "KILL QUERY WHERE query_id = \(ticket.tag) ASYNC"
            let request = ClickHouseConnection.Request(
                parameters: [], body: Array(kill.text.utf8), seconds: Self.graceSeconds)
            // The query may not have begun yet, and takes a moment to end. The answer lists the queries that were meant.
            var (wasThere, misses) = (false, 0)
            for _ in 0..<Self.stopTriesMax {
                do {
                    let isThere = try !connection.send(request, to: hosts.asked).isEmpty
                    wasThere = wasThere || isThere
                    misses += isThere || ticket.isRunning ? 0 : 1
                    if !isThere, wasThere || misses == Self.stopMissesMax { return }
                } catch {
                    // Tried again; the query ends by its own time limit at the latest.
                }
                usleep(100_000)
            }
        }
    }

    /// The columns of an answer without rows, which the Native format leaves out.
    private func emptyTable(
        _ request: ClickHouseConnection.Request, _ sql: String, _ connection: ClickHouseConnection, _ host: String
    ) throws -> AnalyticsTable {
        var request = request
        request.body = Array("DESCRIBE TABLE (\(sql))".utf8)
        request.parameters.removeAll { $0.0 == "query_id" }
        let description = try Self.table(try connection.send(request, to: host))
        return AnalyticsTable(
            names: try description.strings(0),
            columns: try description.strings(1).map { try NativeReader.empty(try NativeType($0)) })
    }

    static func table(_ bytes: [UInt8]) throws -> AnalyticsTable {
        try bytes.withUnsafeBytes { bytes in
            var reader = NativeReader(bytes)
            return try reader.table()
        }
    }

    func baseParameters(database: String) -> [(String, String)] {
        [
            ("database", database), ("default_format", "Native"), ("wait_end_of_query", "1"),
            ("load_balancing", "in_order"), ("distributed_product_mode", "local"), ("insert_distributed_sync", "1"),
        ]
    }

    func queryParameters(_ limits: QueryLimits, _ version: ClickHouseVersion) -> [(String, String)] {
        var parameters = [
            ("readonly", "2"), ("max_execution_time", String(limits.seconds)),
            ("max_memory_usage", String(limits.memoryBytes)),
            ("max_bytes_before_external_group_by", String(limits.memoryBytes / 2)),
            ("max_bytes_before_external_sort", String(limits.memoryBytes / 2)),
            ("max_result_rows", String(limits.rows)), ("result_overflow_mode", "throw"),
        ]
        if version.cancelsOnClose { parameters.append(("cancel_http_readonly_queries_on_client_close", "1")) }
        if version.hasLowCardinality { parameters.append(("low_cardinality_allow_in_native_format", "0")) }
        if version.hasSessionTimeZone { parameters.append(("session_timezone", "UTC")) }
        return parameters
    }

    // MARK: Loading

    /// Sends bytes in Native format until a node says that they are stored. The servers pass over what they have.
    func load(
        _ bytes: [UInt8], _ statement: String, token: String, _ version: ClickHouseVersion,
        _ connection: ClickHouseConnection
    ) throws {
        var parameters = baseParameters(database: server.database) + [("query", statement)]
        if version.hasDeduplicationToken, !token.isEmpty { parameters.append(("insert_deduplication_token", token)) }
        let request = ClickHouseConnection.Request(parameters: parameters, body: bytes, seconds: Self.loadSeconds)
        _ = try hosts.reach(.load, sql: statement, seconds: Self.loadSeconds) { try connection.send(request, to: $0) }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (ClickHouseConnection) throws -> T) async throws -> T {
        try await writer.run(body)
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (ClickHouseConnection) throws -> T) async throws -> T {
        try await readers.run(body)
    }

    private func columnTypes(_ table: String) async throws -> [String: String] {
        if let known = state.columnTypes.withLock({ $0[table] }) { return known }
        let answer = try await query(
            "SELECT name, type FROM system.columns WHERE database = \(server.database) AND table = \(table)")
        guard answer.count > 0 else {
            throw StorageError.statement(
                code: "60", message: "table \(table) does not exist", sql: "INSERT INTO \(table)")
        }
        let types = Dictionary(zip(try answer.strings(0), try answer.strings(1))) { $1 }
        state.columnTypes.withLock { $0[table] = types }
        return types
    }
}
