import CCrypto

/// Hashing with OpenSSL.
package enum Digest {
    /// SHA-256 as OpenSSL's provider has it. Looking it up costs more than hashing a short text, and `SHA256` does so at
    /// every call.
    ///
    /// `@unchecked Sendable`: it is never changed once it is found, and OpenSSL lets many threads hash with one.
    private struct Algorithm: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let algorithm = Algorithm(pointer: EVP_MD_fetch(nil, "SHA256", nil))

    /// SHA-256 as lower-case hexadecimal.
    package static func sha256(_ bytes: [UInt8]) -> String {
        hexadecimal(sha256Bytes(bytes))
    }

    /// SHA-256 (FIPS 180-4), 32 bytes.
    package static func sha256Bytes(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        let isDone = EVP_Digest(bytes, bytes.count, &digest, nil, algorithm.pointer, nil) == 1
        precondition(isDone, "OpenSSL has no SHA-256.")
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
        func digit(_ value: UInt8) -> UInt8 {
            value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
        }
        return String(unsafeUninitializedCapacity: bytes.count * 2) { out in
            for (index, byte) in bytes.enumerated() {
                out[index * 2] = digit(byte >> 4)
                out[index * 2 + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    /// Compares without telling by its duration where the first difference is.
    package static func equal(_ left: String, _ right: String) -> Bool {
        let a = Array(left.utf8)
        let b = Array(right.utf8)
        return a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }
}
