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

    private let key: HMACKey
    /// `https://perennial.example.com`
    package let address: String

    private static let name = "message_links"
    private static let keyBytes = 32
    private static let macBytes = 16
    package static let bytesMax = 8_000

    init(key: [UInt8], address: String) {
        self.key = HMACKey(key)
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

    package func click(_ message: Int64, to url: String) -> String { link("/o/", .click, "\(message) \(url)") }

    package func open(_ message: Int64) -> String { link("/o/", .open, String(message)) + ".gif" }

    package func shown(_ message: Int64) -> String { link("/o/", .shown, String(message)) }

    /// Where a person leaves (POST) or sees their preferences (GET).
    package func preferences(_ message: Int64, profile: Int64) -> String {
        link("/u/", .preferences, "\(message) \(profile)")
    }

    /// Where a person sees what they are asked to agree to (GET) and agrees (POST).
    package func confirm(_ optIn: Int64) -> String { link("/confirm/", .confirm, String(optIn)) }

    /// Address, path and token, put together as bytes: a letter has a dozen of these.
    private func link(_ path: String, _ kind: Kind, _ payload: String) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(address.utf8.count + path.utf8.count + payload.utf8.count * 3 / 2 + 40)
        out += address.utf8
        out += path.utf8
        let start = out.count
        out += kind.rawValue.utf8
        Base64URL.append(Array(payload.utf8)[...], to: &out)
        let mac = key.mac(out[start...])
        out.append(UInt8(ascii: "."))
        Base64URL.append(mac.prefix(Self.macBytes), to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// What a token says. Throws: `MessageError.badLink`.
    package func read(_ token: String) throws -> (kind: Kind, message: Int64, rest: String) {
        let parts = token.split(separator: ".")
        guard token.utf8.count <= Self.bytesMax, parts.count >= 2,
            let kind = Kind(rawValue: String(parts[0].prefix(1))),
            Digest.equal(mac(parts[0]), String(parts[1])),
            let bytes = Base64URL.bytes(String(parts[0].dropFirst())),
            let payload = String(bytes: bytes, encoding: .utf8)
        else { throw MessageError.badLink }
        let words = payload.split(separator: " ", maxSplits: 1)
        guard let first = words.first, let message = Int64(first) else { throw MessageError.badLink }
        return (kind, message, words.count > 1 ? String(words[1]) : "")
    }

    private func mac(_ text: Substring) -> String {
        Base64URL.text(Array(key.mac(Array(text.utf8)[...]).prefix(Self.macBytes)))
    }
}
