import CCrypto
import Foundation

/// A key that letters are signed with, and what of it the brand publishes in its DNS.
package struct DKIMKey: Sendable, Hashable {
    package enum Algorithm: String, Sendable, CaseIterable {
        case rsa = "rsa-sha256"
        case ed25519 = "ed25519-sha256"
    }

    package var algorithm: Algorithm
    /// DER, Base64.
    var secret: String

    private static let bytesMax: Int32 = 8_192
    private static let rsaBits: Int32 = 2_048

    /// A new key. Throws: `EmailError.badKey`.
    package static func make(_ algorithm: Algorithm) throws -> DKIMKey {
        var der = [UInt8](repeating: 0, count: Int(bytesMax))
        let isRSA = algorithm == .rsa
        let count = ccrypto_new_key(isRSA ? "RSA" : "ED25519", isRSA ? rsaBits : 0, &der, bytesMax)
        guard count > 0 else { throw EmailError.badKey }
        return DKIMKey(algorithm: algorithm, secret: Data(der.prefix(Int(count))).base64EncodedString())
    }

    private var der: [UInt8] { [UInt8](Data(base64Encoded: secret) ?? Data()) }

    /// The text of the TXT record (RFC 6376 §3.6.1, RFC 8463 §3). Throws: `EmailError.badKey`.
    package func record() throws -> String {
        var out = [UInt8](repeating: 0, count: Int(Self.bytesMax))
        let bytes = der
        let count = ccrypto_public_half(bytes, Int32(bytes.count), algorithm == .ed25519 ? 1 : 0, &out, Self.bytesMax)
        guard count > 0 else { throw EmailError.badKey }
        let name = algorithm == .rsa ? "rsa" : "ed25519"
        return "v=DKIM1; k=\(name); p=\(Data(out.prefix(Int(count))).base64EncodedString())"
    }

    /// Throws: `EmailError.badKey`.
    package func signer() throws -> DKIMSigner { try DKIMSigner(algorithm, der: der) }
}

extension DKIMKey {
    /// Of the 32 bytes of a secret that was made elsewhere. Throws: `EmailError.badKey`.
    static func ed25519(secret: [UInt8]) throws -> DKIMKey {
        var der = [UInt8](repeating: 0, count: 256)
        guard secret.count == 32 else { throw EmailError.badKey }
        let count = ccrypto_ed25519_key(secret, &der, 256)
        guard count > 0 else { throw EmailError.badKey }
        return DKIMKey(algorithm: .ed25519, secret: Data(der.prefix(Int(count))).base64EncodedString())
    }
}
