import CCrypto
import Foundation

/// Seals small secrets before they are stored, so that a copy of the store alone does not give them away: AES-256-GCM
/// (NIST SP 800-38D) under a key that is kept outside the stores.
package struct Seal: Sendable {
    package static let keyBytes = 32
    private static let version = "v1."

    private let key: [UInt8]

    package init(key: [UInt8]) {
        precondition(key.count == Seal.keyBytes, "a sealing key has 32 bytes")
        self.key = key
    }

    /// The sealed form, as text. `purpose` is bound to it: what was sealed for one place cannot be opened in another.
    package func seal(_ plain: String, for purpose: String, _ effects: Effects) -> String {
        let bytes = Array(plain.utf8)
        let context = Array(purpose.utf8)
        let nonce = effects.randomBytes(ccrypto_gcm_nonce_bytes)
        var sealed = [UInt8](repeating: 0, count: bytes.count)
        var tag = [UInt8](repeating: 0, count: ccrypto_gcm_tag_bytes)
        let done = ccrypto_gcm_seal(
            key, nonce, context, Int32(context.count), bytes, Int32(bytes.count), &sealed, &tag)
        precondition(done == 1, "AES-256-GCM refused its parameters")
        return Seal.version + Data(nonce + tag + sealed).base64EncodedString()
    }

    /// Throws: `SealError.unreadable` when the text was sealed under another key or for another purpose, or changed.
    package func open(_ text: String, for purpose: String) throws -> String {
        let (nonceBytes, tagBytes) = (ccrypto_gcm_nonce_bytes, ccrypto_gcm_tag_bytes)
        guard text.hasPrefix(Seal.version), let all = Data(base64Encoded: String(text.dropFirst(Seal.version.count))),
            all.count >= nonceBytes + tagBytes
        else { throw SealError.unreadable }
        let bytes = [UInt8](all)
        let tag = Array(bytes[nonceBytes..<(nonceBytes + tagBytes)])
        let sealed = Array(bytes[(nonceBytes + tagBytes)...])
        let context = Array(purpose.utf8)
        var plain = [UInt8](repeating: 0, count: sealed.count)
        let done = ccrypto_gcm_open(
            key, Array(bytes[..<nonceBytes]), context, Int32(context.count), sealed, Int32(sealed.count), tag, &plain)
        guard done == 1 else { throw SealError.unreadable }
        return String(decoding: plain, as: UTF8.self)
    }
}

package enum SealError: Error, Sendable, Equatable {
    /// The key is not the one it was sealed with, or the stored text was changed.
    case unreadable
}
