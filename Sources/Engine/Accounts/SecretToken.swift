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
