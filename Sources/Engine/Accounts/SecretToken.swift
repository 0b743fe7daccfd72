import CCrypto

/// A random secret that is given out once and kept only as its SHA-256: cookies, sign-in links, keys.
package struct SecretToken: Sendable, Equatable {
    /// What the holder presents: 43 URL-safe characters, 256 bits.
    package let text: String
    package let hash: String

    package init(effects: Effects) {
        text = SecretToken.urlSafe(effects.randomBytes(32))
        hash = SecretToken.hash(text)
    }

    /// The form in which a presented secret is looked up: lower-case hexadecimal SHA-256.
    package static func hash(_ text: String) -> String {
        Digest.sha256(Array(text.utf8))
    }

    /// Base64 with `-` and `_`, unpadded (RFC 4648 §5).
    private static func urlSafe(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var out = ""
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(alphabet[Int(buffer >> UInt32(bits)) & 63])
            }
        }
        if bits > 0 { out.append(alphabet[Int(buffer << UInt32(6 - bits)) & 63]) }
        return out
    }
}

/// Hashing with OpenSSL.
package enum Digest {
    /// SHA-256 as lower-case hexadecimal.
    package static func sha256(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &digest)
        return hexadecimal(digest)
    }

    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Compares without telling by its duration where the first difference is.
    package static func equal(_ left: String, _ right: String) -> Bool {
        let a = Array(left.utf8)
        let b = Array(right.utf8)
        return a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }
}
