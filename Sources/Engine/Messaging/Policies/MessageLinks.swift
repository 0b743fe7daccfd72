import Foundation
import Storage

/// Signed links in messages: they say all they need themselves, so they work for ever and nobody can make one up.
package struct MessageLinks: Sendable {
    package enum Kind: String, Sendable {
        case click = "c"
        case open = "o"
        case preferences = "p"
        /// Says that a message was shown.
        case shown = "s"
        case confirm = "y"
    }

    private let key: [UInt8]
    /// `https://perennial.example.com`
    package let address: String

    private static let name = "message_links"
    private static let keyBytes = 32
    private static let macBytes = 16
    package static let bytesMax = 8_000

    init(key: [UInt8], address: String) {
        self.key = key
        self.address = address
    }

    private struct Stored: Codable {
        var key: String
    }

    /// The key of the workspace, made when it is asked for first. Throws: `SealError`, `StorageError`.
    package static func load(
        address: String, _ seal: Seal, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> MessageLinks {
        try connection.lock(name)
        if let stored = try Settings.load(Stored.self, name, connection) {
            let text = try seal.open(stored.key, for: name)
            return MessageLinks(key: [UInt8](Data(base64Encoded: text) ?? Data()), address: address)
        }
        let key = effects.randomBytes(keyBytes)
        let sealed = seal.seal(Data(key).base64EncodedString(), for: name, effects)
        try Settings.save(Stored(key: sealed), name, connection, at: effects.now())
        return MessageLinks(key: key, address: address)
    }

    /// As `load`, without making a key; nil: no message was ever made. Throws: `SealError`, `StorageError`.
    package static func standing(
        address: String, _ seal: Seal, _ connection: any SQLConnection
    ) throws -> MessageLinks? {
        guard let stored = try Settings.load(Stored.self, name, connection) else { return nil }
        let text = try seal.open(stored.key, for: name)
        return MessageLinks(key: [UInt8](Data(base64Encoded: text) ?? Data()), address: address)
    }

    package func click(_ message: Int64, to url: String) -> String {
        "\(address)/o/\(token(.click, "\(message) \(url)"))"
    }

    package func open(_ message: Int64) -> String { "\(address)/o/\(token(.open, String(message))).gif" }

    package func shown(_ message: Int64) -> String { "\(address)/o/\(token(.shown, String(message)))" }

    /// Where a person leaves (POST) or sees their preferences (GET).
    package func preferences(_ message: Int64, profile: Int64) -> String {
        "\(address)/u/\(token(.preferences, "\(message) \(profile)"))"
    }

    /// Where a person sees what they are asked to agree to (GET) and agrees (POST).
    package func confirm(_ optIn: Int64) -> String { "\(address)/confirm/\(token(.confirm, String(optIn)))" }

    private func token(_ kind: Kind, _ payload: String) -> String {
        let body = kind.rawValue + Base64URL.text(Array(payload.utf8))
        return body + "." + Base64URL.text(mac(body))
    }

    /// What a token says. Throws: `MessageError.badLink`.
    package func read(_ token: String) throws -> (kind: Kind, message: Int64, rest: String) {
        let parts = token.split(separator: ".")
        guard token.utf8.count <= Self.bytesMax, parts.count >= 2,
            let kind = Kind(rawValue: String(parts[0].prefix(1))),
            Digest.equal(Base64URL.text(mac(String(parts[0]))), String(parts[1])),
            let bytes = Base64URL.bytes(String(parts[0].dropFirst())),
            let payload = String(bytes: bytes, encoding: .utf8)
        else { throw MessageError.badLink }
        let words = payload.split(separator: " ", maxSplits: 1)
        guard let first = words.first, let message = Int64(first) else { throw MessageError.badLink }
        return (kind, message, words.count > 1 ? String(words[1]) : "")
    }

    private func mac(_ text: String) -> [UInt8] {
        Array(Digest.hmac(Array(text.utf8), key: key).prefix(Self.macBytes))
    }
}
