import Foundation
import Logging

extension PlatformConfiguration {
    /// Reads and validates every setting. Throws: `CommandFailure` that names every mistake at once.
    static func load(
        flags: [String: String], environment: [String: String] = ProcessInfo.processInfo.environment,
        file: String? = nil
    ) async throws -> PlatformConfiguration {
        let file = file ?? environment["PERENNIAL_CONFIG"]
        var reader = try await SettingsReader(flags: flags, environment: environment, file: file)
        let data = DataFolder(reader.text("data") ?? "data")
        let configuration = PlatformConfiguration(
            data: data,
            host: reader.text("host") ?? "127.0.0.1",
            port: reader.integer("port", in: 1...65_535) ?? 8080,
            storeURL: storeURL(&reader) ?? data.storeURL,
            analyticsURL: analyticsURL(&reader) ?? data.analyticsURL,
            roles: roles(&reader),
            logLevel: reader.choice("log.level", of: Logger.Level.self) ?? .info,
            logFormat: reader.choice("log.format", of: LogFormat.self) ?? .text,
            secretKey: secretKey(&reader),
            publicURL: publicURL(&reader),
            regionsFile: reader.text("regions.file"),
            webhooksAllowPrivate: reader.flag("webhooks.allowPrivate") ?? false,
            limits: limits(&reader))
        guard reader.mistakes.isEmpty else {
            let list = reader.mistakes.map { "\n  - " + $0 }.joined()
            let count = reader.mistakes.count == 1 ? "a mistake" : "\(reader.mistakes.count) mistakes"
            throw CommandFailure(
                "The configuration has \(count):\(list)",
                remedy:
                    "Flags override the environment, which overrides the file; docs/configuration.md lists every key.")
        }
        return configuration
    }

    private static func storeURL(_ reader: inout SettingsReader) -> String? {
        guard let url = reader.text("store.url") else { return nil }
        if ["sqlite:", "postgres:", "postgresql:"].contains(where: url.hasPrefix) { return url }
        reader.complain("store.url", "must begin with sqlite:, postgres: or postgresql:.")
        return nil
    }

    private static func analyticsURL(_ reader: inout SettingsReader) -> String? {
        guard let url = reader.text("analytics.url") else { return nil }
        if ["chdb://", "clickhouse://"].contains(where: url.hasPrefix) { return url }
        reader.complain("analytics.url", "must begin with chdb:// or clickhouse://.")
        return nil
    }

    private static func roles(_ reader: inout SettingsReader) -> Set<ServerRole> {
        guard let words = reader.list("roles") else { return Set(ServerRole.allCases) }
        let roles = words.map(ServerRole.init(rawValue:))
        guard !roles.isEmpty, roles.allSatisfy({ $0 != nil }) else {
            let all = ServerRole.allCases.map(\.rawValue).joined(separator: ", ")
            reader.complain("roles", "must be a comma-separated list of \(all).")
            return []
        }
        return Set(roles.compactMap { $0 })
    }

    private static func secretKey(_ reader: inout SettingsReader) -> [UInt8]? {
        guard let text = reader.text("secretKey") else { return nil }
        guard let key = SecretKey.bytes(text) else {
            reader.complain("secretKey", "must be 64 hexadecimal digits, as `openssl rand -hex 32` prints.")
            return nil
        }
        return key
    }

    private static func publicURL(_ reader: inout SettingsReader) -> String? {
        guard var url = reader.text("publicURL") else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), URL(string: url)?.host != nil else {
            reader.complain("publicURL", "must be an address such as https://perennial.example.com.")
            return nil
        }
        return url
    }

    private static func limits(_ reader: inout SettingsReader) -> ServerLimits {
        var limits = ServerLimits()
        limits.connections = reader.integer("limits.connections", in: 1...1_000_000) ?? limits.connections
        limits.requestSeconds = reader.integer("limits.requestSeconds", in: 1...3_600) ?? limits.requestSeconds
        limits.idleSeconds = reader.integer("limits.idleSeconds", in: 1...3_600) ?? limits.idleSeconds
        limits.storeConnections = reader.integer("limits.storeConnections", in: 1...1_000) ?? limits.storeConnections
        limits.statementSeconds = reader.integer("limits.statementSeconds", in: 1...3_600) ?? limits.statementSeconds
        limits.shutdownSeconds = reader.integer("limits.shutdownSeconds", in: 1...600) ?? limits.shutdownSeconds
        return limits
    }
}
