import Configuration
import Foundation
import SystemPackage

/// Reads one key after the other from flags, environment and file, and collects every mistake instead of stopping at
/// the first.
struct SettingsReader {
    /// Every key there is; others in a file are mistakes. docs/configuration.md describes them.
    static let keys: Set<String> = [
        "data", "host", "port", "publicURL", "secretKey", "roles", "store.url", "analytics.url", "log.level",
        "log.format", "regions.file",
        "limits.connections", "limits.requestSeconds", "limits.idleSeconds", "limits.shutdownSeconds",
        "limits.storeConnections", "limits.statementSeconds", "webhooks.allowPrivate",
    ]

    private let providers: [any ConfigProvider]
    private(set) var mistakes: [String] = []

    /// - Parameters:
    ///   - flags: values from the command line by key.
    ///   - environment: variables; `store.url` is `PERENNIAL_STORE_URL` there.
    ///   - file: path of a JSON file, where `store.url` is `{"store": {"url": …}}`.
    /// Throws: `CommandFailure` when the file cannot be read as JSON.
    init(flags: [String: String], environment: [String: String], file: String?) async throws {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, value) in flags {
            values[Self.absolute(key)] = ConfigValue(.string(value), isSecret: false)
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "flags", values: values),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "perennial"),
        ]
        if let file {
            providers.append(try await Self.provider(file))
            mistakes = try Self.unknownKeys(in: file)
        }
        self.providers = providers
    }

    /// The text under a key from the first provider that has it.
    mutating func text(_ key: String) -> String? {
        guard case .string(let text) = value(key, type: .string) else { return nil }
        return text.isEmpty ? nil : text
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        var found: Int?
        switch value(key, type: .int, fallback: .string) {
        case .int(let number): found = number
        case .string(let text): found = Int(text)
        default: return nil
        }
        guard let found, range.contains(found) else {
            complain(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return found
    }

    mutating func flag(_ key: String) -> Bool? {
        switch value(key, type: .bool, fallback: .string) {
        case .bool(let answer): return answer
        case .string(let text):
            if let answer = Bool(text) { return answer }
            complain(key, "must be true or false.")
            return nil
        default: return nil
        }
    }

    /// A list: comma-separated in flags and environment, an array in the file.
    mutating func list(_ key: String) -> [String]? {
        switch value(key, type: .stringArray, fallback: .string) {
        case .stringArray(let list): list
        case .string(let text): text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        default: nil
        }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, of type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let text = text(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        mistakes.append("\(Self.names(key)) must be one of \(words), not “\(text)”.")
        return nil
    }

    mutating func complain(_ key: String, _ expectation: String) {
        mistakes.append("\(Self.names(key)) \(expectation)")
    }

    private mutating func value(_ key: String, type: ConfigType, fallback: ConfigType? = nil) -> ConfigContent? {
        for provider in providers {
            for type in [type, fallback].compactMap({ $0 }) {
                do {
                    if let value = try provider.value(forKey: Self.absolute(key), type: type).value {
                        return value.content
                    }
                } catch  where type != (fallback ?? type) {
                    continue
                } catch {
                    mistakes.append("\(Self.names(key)) has the wrong type: a \(type.rawValue) is expected.")
                    return nil
                }
            }
        }
        return nil
    }

    private static func absolute(_ key: String) -> AbsoluteConfigKey {
        AbsoluteConfigKey(key.split(separator: ".").map(String.init))
    }

    /// The key in its two spellings: `port (PERENNIAL_PORT)`.
    private static func names(_ key: String) -> String {
        var variable = "PERENNIAL_"
        var previous: Character = "_"
        for character in key {
            if character.isUppercase && previous.isLowercase { variable += "_" }
            variable += character == "." ? "_" : character.uppercased()
            previous = character
        }
        return "\(key) (\(variable))"
    }

    private static func provider(_ file: String) async throws -> any ConfigProvider {
        do {
            return try await FileProvider<JSONSnapshot>(filePath: FilePath(file))
        } catch {
            throw CommandFailure(
                "The configuration file \(file) cannot be read: \(error)",
                remedy: "It must be one JSON object; docs/configuration.md has an example.")
        }
    }

    private static func unknownKeys(in file: String) throws -> [String] {
        guard let content = FileManager.default.contents(atPath: file),
            let object = try JSONSerialization.jsonObject(with: content) as? [String: Any]
        else { return [] }
        return flatten(object, prefix: "").filter { !keys.contains($0) }.sorted()
            .map { "\($0) in \(file) is not a setting; docs/configuration.md lists them all." }
    }

    private static func flatten(_ object: [String: Any], prefix: String) -> [String] {
        object.flatMap { key, value -> [String] in
            if let inner = value as? [String: Any] { return flatten(inner, prefix: prefix + key + ".") }
            return [prefix + key]
        }
    }
}
