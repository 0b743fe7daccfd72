import CCrypto
import Foundation

/// How WeChat and WeCom sign and encrypt what they post ("消息加解密技术方案").
///
/// The signature is SHA-1 over the sorted parts; the body is AES-256-CBC under the EncodingAESKey with its first sixteen
/// bytes as IV, PKCS#7 padded to blocks of 32: sixteen random bytes, the length of the text (four bytes, big-endian), the
/// text, and whom it is for (the AppID or CorpID).
package struct WeChatCipher: Sendable {
    private let key: [UInt8]
    /// AppID or CorpID.
    private let receiver: String

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    private static let keyBytes = 32
    /// Of an EncodingAESKey: 32 bytes in base64, without the sign at the end.
    static let encodingKeyBytes = 43
    private static let blockBytes = 32
    private static let randomBytes = 16
    private static let lengthBytes = 4

    /// `encodingKey`: 43 characters of Base64 without the padding. Nil when it is no such key.
    package init?(encodingKey: String, receiver: String) {
        // The last character carries two bits too many; what they say differs from decoder to decoder.
        guard encodingKey.utf8.count == Self.encodingKeyBytes, let last = encodingKey.last,
            let place = Self.alphabet.firstIndex(of: last),
            let data = Data(base64Encoded: "\(encodingKey.dropLast())\(Self.alphabet[place & ~3])="),
            data.count == Self.keyBytes
        else { return nil }
        key = [UInt8](data)
        self.receiver = receiver
    }

    /// Lower-case hexadecimal SHA-1 of the parts, sorted by their bytes.
    package static func signature(_ parts: [String]) -> String {
        let sorted = parts.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        let text = sorted.flatMap { $0 }
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        _ = SHA1(text, text.count, &digest)
        return Digest.hexadecimal(digest)
    }

    /// Nil for anything that was not encrypted for this receiver under this key.
    package func decrypt(_ text: String) -> String? {
        guard let data = Data(base64Encoded: text), data.count >= Self.blockBytes, data.count % 16 == 0 else {
            return nil
        }
        var plain = [UInt8](repeating: 0, count: data.count)
        let sealed = [UInt8](data)
        guard ccrypto_aes256_cbc(key, key, 0, sealed, Int32(sealed.count), &plain) == 1 else { return nil }
        guard let padding = plain.last, (1...Self.blockBytes).contains(Int(padding)), Int(padding) <= plain.count,
            plain.suffix(Int(padding)).allSatisfy({ $0 == padding })
        else { return nil }
        plain.removeLast(Int(padding))
        let head = Self.randomBytes + Self.lengthBytes
        guard plain.count >= head else { return nil }
        let length = plain[Self.randomBytes..<head].reduce(0) { $0 << 8 | Int($1) }
        guard length <= plain.count - head,
            Digest.equal(String(decoding: plain[(head + length)...], as: UTF8.self), receiver)
        else { return nil }
        return String(bytes: plain[head..<(head + length)], encoding: .utf8)
    }

    /// The way there. `random`: sixteen bytes.
    package func encrypt(_ text: String, random: [UInt8]) -> String {
        precondition(random.count == Self.randomBytes, "sixteen random bytes begin an encrypted text")
        let bytes = Array(text.utf8)
        let length = (0..<Self.lengthBytes).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
        var plain = random + length + bytes + Array(receiver.utf8)
        let padding = Self.blockBytes - plain.count % Self.blockBytes
        plain += [UInt8](repeating: UInt8(padding), count: padding)
        var sealed = [UInt8](repeating: 0, count: plain.count)
        let done = ccrypto_aes256_cbc(key, key, 1, plain, Int32(plain.count), &sealed)
        precondition(done == 1, "AES-256-CBC refused its parameters")
        return Data(sealed).base64EncodedString()
    }
}
