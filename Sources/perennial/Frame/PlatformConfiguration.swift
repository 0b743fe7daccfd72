import Logging
import Storage

/// Everything that can be configured, validated: see docs/configuration.md for the keys.
struct PlatformConfiguration: Sendable, Equatable {
    /// Holds the embedded stores, `server.json`, `secret.key` and uploaded files.
    var data: DataFolder
    var host: String
    var port: Int
    var storeURL: String
    var analyticsURL: String
    var roles: Set<ServerRole>
    var logLevel: Logger.Level
    var logFormat: LogFormat
    /// The key that seals secrets; nil: the one in the data folder.
    var secretKey: [UInt8]?
    /// How browsers and SDKs reach this server; nil when that is `http://host:port`.
    var publicURL: String?
    /// A file by which addresses are placed; nil: none are.
    var regionsFile: String?
    /// Whether webhooks may go to this machine and its network.
    var webhooksAllowPrivate: Bool
    var limits: ServerLimits

    /// The address to print and to put into links.
    var address: String { publicURL ?? "http://\(host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host):\(port)" }

    var storeOptions: OperationalStoreOptions {
        OperationalStoreOptions(
            connectionsMax: limits.storeConnections, statementTimeoutSeconds: Double(limits.statementSeconds))
    }

    /// Whether the analytics store is a folder that one process only can open.
    var analyticsIsEmbedded: Bool { analyticsURL.hasPrefix("chdb:") }
}

/// Bounds of the HTTP server; the bounds of collection are in `EventLimits`.
struct ServerLimits: Sendable, Equatable {
    /// Open connections; further ones wait in the kernel's queue.
    var connections = 4_096
    /// A request that took longer is answered 503 and abandoned (an import's upload is not limited by it).
    var requestSeconds = 60
    /// An idle or stalled connection is closed after this time.
    var idleSeconds = 75
    /// Connections to PostgreSQL, or readers of SQLite.
    var storeConnections = 8
    /// A statement of the operational store that runs longer is stopped.
    var statementSeconds = 60
    /// Time for requests and workers to finish after SIGTERM.
    var shutdownSeconds = 20
}

/// How log lines are written.
enum LogFormat: String, CaseIterable, Sendable {
    case text
    case json
}
