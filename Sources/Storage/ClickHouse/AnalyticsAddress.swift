import Foundation

/// Where an analytics store lives, read from its URL.
///
/// - `chdb:///absolute/folder?database=NAME`: embedded in this process (`database` may be left out: `perennial`).
/// - `clickhouse://user:password@host1:8123,host2:8123/database?cluster=NAME`: over HTTP. Without `cluster` one server
///   holds everything. The hosts are nodes of the cluster that may be asked; the next is tried when one is down.
package enum AnalyticsAddress: Sendable, Equatable {
    case embedded(folder: String, database: String)
    case server(Server)

    package struct Server: Sendable, Equatable {
        var hosts: [String]
        var user: String
        var password: String
        var database: String
        var cluster: String?
    }

    static let defaultDatabase = "perennial"
    static let defaultPort = 8123

    /// Throws: `StorageError.badAddress` saying what is wrong, without the password.
    package init(_ url: String) throws {
        guard let mark = url.range(of: "://") else {
            throw StorageError.badAddress("an analytics address starts with chdb:// or clickhouse://")
        }
        let (rest, options) = try Self.splitOptions(String(url[mark.upperBound...]))
        switch url[..<mark.lowerBound] {
        case "chdb":
            guard rest.hasPrefix("/"), rest.count > 1 else {
                throw StorageError.badAddress("chdb:// needs an absolute folder: chdb:///var/lib/perennial/analytics")
            }
            try Self.check(options, known: ["database"])
            self = .embedded(
                folder: Self.decoded(rest), database: try Self.name(options["database"] ?? Self.defaultDatabase))
        case "clickhouse":
            try Self.check(options, known: ["cluster"])
            self = .server(try Self.server(rest, cluster: options["cluster"]))
        default:
            throw StorageError.badAddress("an analytics address starts with chdb:// or clickhouse://")
        }
    }

    /// The address as it may be shown: without the password.
    var shown: String {
        switch self {
        case .embedded(let folder, let database):
            "chdb://\(folder)" + (database == Self.defaultDatabase ? "" : "?database=\(database)")
        case .server(let server):
            "clickhouse://\(server.hosts.joined(separator: ","))/\(server.database)"
                + (server.cluster.map { "?cluster=\($0)" } ?? "")
        }
    }

    private static func server(_ text: String, cluster: String?) throws -> Server {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let at = parts[0].lastIndex(of: "@")
        let hosts = at.map { parts[0][parts[0].index(after: $0)...] } ?? parts[0]
        let credentials = at.map { parts[0][..<$0].split(separator: ":", maxSplits: 1).map(String.init) } ?? []
        let database = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : defaultDatabase
        let list = try hosts.split(separator: ",").map { try host(String($0)) }
        guard !list.isEmpty else { throw StorageError.badAddress("clickhouse:// names no host") }
        return Server(
            hosts: list, user: credentials.first.map(decoded) ?? "default",
            password: credentials.count > 1 ? decoded(credentials[1]) : "", database: try name(database),
            cluster: try cluster.map(name))
    }

    private static func host(_ text: String) throws -> String {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else { return "\(text):\(defaultPort)" }
        guard let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port) else {
            throw StorageError.badAddress("\(text) has no valid port")
        }
        return text
    }

    /// Names that need no quoting anywhere: letters, digits, underscores.
    private static func name(_ text: String) throws -> String {
        let plain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
        guard plain, !text.isEmpty, text.utf8.count <= 64 else {
            throw StorageError.badAddress("\(text) is no name of letters, digits and underscores (64 at most)")
        }
        return text
    }

    private static func splitOptions(_ text: String) throws -> (String, [String: String]) {
        guard let mark = text.lastIndex(of: "?") else { return (text, [:]) }
        var options: [String: String] = [:]
        for pair in text[text.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw StorageError.badAddress("the option \(pair) has no value") }
            options[parts[0]] = decoded(parts[1])
        }
        return (String(text[..<mark]), options)
    }

    private static func check(_ options: [String: String], known: Set<String>) throws {
        if let unknown = options.keys.filter({ !known.contains($0) }).sorted().first {
            throw StorageError.badAddress("the option \(unknown) is unknown; known: \(known.sorted().joined())")
        }
    }

    private static func decoded(_ text: String) -> String {
        text.removingPercentEncoding ?? text
    }
}
