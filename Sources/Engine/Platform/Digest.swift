import CCrypto

/// Hashing with OpenSSL.
package enum Digest {
    /// SHA-256 as lower-case hexadecimal.
    package static func sha256(_ bytes: [UInt8]) -> String {
        hexadecimal(sha256Bytes(bytes))
    }

    /// SHA-256 (FIPS 180-4), 32 bytes.
    package static func sha256Bytes(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &digest)
        return digest
    }

    /// HMAC-SHA256 (RFC 2104), 32 bytes.
    package static func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        var count: UInt32 = 0
        _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &count)
        return digest
    }

    /// The first eight bytes of a text's SHA-256 as a number: a key for joining text keys in the analytics store.
    package static func key64(_ text: String) -> UInt64 {
        sha256Bytes(Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
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
