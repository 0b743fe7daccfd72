import CCrypto
import Foundation
import Synchronization

/// A private key as OpenSSL has read it: reading it costs as much as a few signatures.
///
/// `@unchecked Sendable`: the key is never changed once it is read, and OpenSSL lets many threads sign with one.
package final class DKIMSigner: @unchecked Sendable {
    private let key: OpaquePointer
    private let algorithm: DKIMKey.Algorithm
    private static let bytesMax: Int32 = 1_024

    /// Throws: `EmailError.badKey`.
    init(_ algorithm: DKIMKey.Algorithm, der: [UInt8]) throws {
        guard let key = ccrypto_private_key(der, Int32(der.count)) else { throw EmailError.badKey }
        self.key = key
        self.algorithm = algorithm
    }

    deinit { EVP_PKEY_free(key) }

    /// Base64. Ed25519 signs the hash, RSA the text that is hashed (RFC 8463 §3). Throws: `EmailError.badKey`.
    package func sign(_ text: [UInt8]) throws -> String {
        let isEdwards = algorithm == .ed25519
        let signed = isEdwards ? Digest.sha256Bytes(text) : text
        var out = [UInt8](repeating: 0, count: Int(Self.bytesMax))
        let count = ccrypto_sign_with(key, isEdwards ? 1 : 0, signed, signed.count, &out, Self.bytesMax)
        guard count > 0 else { throw EmailError.badKey }
        return Data(out.prefix(Int(count))).base64EncodedString()
    }
}

/// Keys that were read, for as long as they are in use.
final class DKIMSigners: Sendable {
    private let signers = Mutex<[DKIMKey: DKIMSigner]>([:])
    private static let countMax = 8

    /// Throws: `EmailError.badKey`.
    func signer(of key: DKIMKey) throws -> DKIMSigner {
        if let known = signers.withLock({ $0[key] }) { return known }
        let read = try key.signer()
        signers.withLock { signers in
            if signers.count >= Self.countMax { signers = [:] }
            signers[key] = read
        }
        return read
    }
}
