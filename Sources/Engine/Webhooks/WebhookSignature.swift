import Foundation

/// Signatures of the Standard Webhooks specification (version 1.0): HMAC-SHA256 over `id.timestamp.body`, with the bytes
/// that the secret says in Base64 behind `whsec_`.
package enum WebhookSignature {
    package static let prefix = "whsec_"
    static let secretBytes = 32

    /// A new secret.
    static func secret(_ effects: Effects) -> String {
        prefix + Data(effects.randomBytes(secretBytes)).base64EncodedString()
    }

    /// The value of `webhook-signature`: one for each secret, so that a receiver may still know only the one before.
    package static func header(id: String, seconds: Int64, body: String, secrets: [String]) -> String {
        let message = Array("\(id).\(seconds).\(body)".utf8)
        return secrets.map { "v1," + sign(message, with: $0) }.joined(separator: " ")
    }

    private static func sign(_ message: [UInt8], with secret: String) -> String {
        let key = [UInt8](Data(base64Encoded: String(secret.dropFirst(prefix.count))) ?? Data())
        return Data(Digest.hmac(message, key: key)).base64EncodedString()
    }
}
