import Foundation

/// A ClickHouse cluster for tests (see scripts/clickhouse-cluster): started on first use on free loopback ports,
/// ended by a watchdog when the test process ends, however it does.
package struct ClickHouseCluster: Sendable {
    package enum Node: String, Sendable, CaseIterable {
        case s1r1, s1r2, s2r1, s2r2
    }

    private static let portsInRow = 13
    private static let portTriesMax = 5
    private static let starting = SharedCluster()

    /// The cluster's name in addresses and `ON CLUSTER`.
    package static let name = "perennial"

    private let folder: String
    private let firstPort: Int

    /// The one cluster of this test process.
    package static func shared() async throws -> ClickHouseCluster {
        try await starting.cluster()
    }

    /// A cluster of the test's own, whose nodes it may end and start again.
    package static func own() async throws -> ClickHouseCluster {
        var reason = ""
        for _ in 0..<portTriesMax {
            let port = try FreePort.find(inRow: portsInRow)
            let cluster = ClickHouseCluster(
                folder: NSTemporaryDirectory() + "perennial-cluster-\(port)", firstPort: port)
            try Watchdog.start(
                """
                while kill -0 \(Watchdog.pid) 2>/dev/null; do sleep 1; done
                CLUSTER_FOLDER='\(cluster.folder)' CLUSTER_PORT=\(port) '\(script)' stop; rm -rf '\(cluster.folder)'
                """)
            do {
                try await cluster.run("start")
                return cluster
            } catch {
                reason = "\(error)"
                try await cluster.stop()
            }
        }
        throw ProgramFailed(program: "clickhouse-cluster", output: reason)
    }

    /// The address of a database on it. `node` is asked first, the others when it fails.
    package func url(database: String, first node: Node = .s1r1) -> String {
        let nodes = [node] + Node.allCases.filter { $0 != node }
        return "clickhouse://\(nodes.map(host).joined(separator: ","))/\(database)?cluster=\(Self.name)"
    }

    package func host(_ node: Node) -> String {
        let index = Node.allCases.firstIndex(of: node) ?? 0
        return "127.0.0.1:\(firstPort + 1 + 3 * index)"
    }

    /// Ends a node with SIGKILL.
    package func kill(_ node: Node) async throws { try await run("kill", node.rawValue) }

    /// Starts a node again and waits until it answers.
    package func up(_ node: Node) async throws { try await run("up", node.rawValue) }

    package func stop() async throws { try await run("stop") }

    private static let script: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return root.deletingLastPathComponent().path + "/scripts/clickhouse-cluster"
    }()

    private func run(_ arguments: String...) async throws {
        try await ProgramFailed.unlessSucceeds(
            ["/usr/bin/env", "CLUSTER_FOLDER=\(folder)", "CLUSTER_PORT=\(firstPort)", Self.script] + arguments)
    }
}

/// Starts the shared cluster once, however many tests ask at the same time.
private actor SharedCluster {
    private var starting: Task<ClickHouseCluster, any Error>?

    func cluster() async throws -> ClickHouseCluster {
        let task = starting ?? Task { try await ClickHouseCluster.own() }
        starting = task
        return try await task.value
    }
}
