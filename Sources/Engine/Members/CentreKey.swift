import CCrypto

/// A key with which the brand's own tokens are verified.
package struct CentreKey: Codable, Sendable, Equatable {
    package enum Algorithm: String, Codable, Sendable, CaseIterable {
        /// A secret that both sides have (RFC 7518 §3.2).
        case hs256 = "HS256"
        /// RSA of at least 2048 bits (RFC 7518 §3.3).
        case rs256 = "RS256"
        /// Ed25519 (RFC 8037).
        case eddsa = "EdDSA"
    }

    package var id: String
    package var name: String
    package var algorithm: Algorithm
    /// A public key in PEM; of HS256 the sealed secret.
    var material: String
    package var createdMS: Int64

    /// How sessions are told that it opened.
    var origin: String { "key:\(id)" }

    private static let purpose = "centre_key"

    /// What somebody registers.
    package struct Draft: Sendable {
        package var name: String
        package var algorithm: Algorithm
        package var material: String

        package init(name: String, algorithm: Algorithm, material: String) {
            self.name = name
            self.algorithm = algorithm
            self.material = material
        }

        /// Throws: `CentreError.invalid`.
        func key(_ seal: Seal, _ effects: Effects) throws -> CentreKey {
            let name = Whitespace.trim(name)
            guard (1...CentreLimits.keyNameCharacters).contains(name.count) else {
                throw CentreError.invalid(
                    field: "key_name", reason: "has 1 to \(CentreLimits.keyNameCharacters) characters")
            }
            let text = Whitespace.trim(material)
            let kept: String
            switch algorithm {
            case .hs256:
                guard CentreLimits.secretBytes.contains(text.utf8.count) else {
                    throw CentreError.invalid(
                        field: "key",
                        reason: "must be a secret of \(CentreLimits.secretBytes.lowerBound) to "
                            + "\(CentreLimits.secretBytes.upperBound) bytes")
                }
                kept = seal.seal(text, for: CentreKey.purpose, effects)
            case .rs256, .eddsa:
                guard text.utf8.count <= CentreLimits.pemBytes, CentreKey.kind(of: text) == algorithm.kind else {
                    throw CentreError.invalid(
                        field: "key",
                        reason: algorithm == .rs256
                            ? "must be a public RSA key of at least 2048 bits in PEM"
                            : "must be a public Ed25519 key in PEM")
                }
                kept = text + "\n"
            }
            return CentreKey(
                id: effects.randomHex(bytes: 8), name: name, algorithm: algorithm, material: kept,
                createdMS: effects.now().milliseconds)
        }
    }

    /// Whether a signature is this key's. Throws: `SealError.unreadable`.
    func verifies(_ signature: [UInt8], of text: [UInt8], _ seal: Seal) throws -> Bool {
        switch algorithm {
        case .hs256:
            let secret = Array(try seal.open(material, for: Self.purpose).utf8)
            let digest = Digest.hmac(text, key: secret)
            return signature.count == digest.count && CRYPTO_memcmp(signature, digest, digest.count) == 0
        case .rs256, .eddsa:
            return ccrypto_verify_pem(
                material, Int32(material.utf8.count), algorithm.kind, signature, signature.count, text, text.count) == 1
        }
    }

    private static func kind(of pem: String) -> Int32 {
        ccrypto_pem_kind(pem, Int32(pem.utf8.count))
    }
}

extension CentreKey.Algorithm {
    fileprivate var kind: Int32 {
        switch self {
        case .hs256: return Int32(ccrypto_pem_other)
        case .rs256: return Int32(ccrypto_pem_rsa)
        case .eddsa: return Int32(ccrypto_pem_ed25519)
        }
    }
}
