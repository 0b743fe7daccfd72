import CCrypto
import Foundation

/// Hashes files piece by piece, so that their size does not matter.
package enum FileDigest {
    private static let pieceBytes = 1 << 20

    /// Length and SHA-256 (lower-case hexadecimal) of a file. Throws: the file system's error.
    package static func sha256(_ path: String) throws -> (bytes: Int64, hash: String) {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
        var bytes: Int64 = 0
        while let piece = try file.read(upToCount: pieceBytes), !piece.isEmpty {
            bytes += Int64(piece.count)
            _ = piece.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        }
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        EVP_DigestFinal_ex(context, &digest, &length)
        return (bytes, Digest.hexadecimal(Array(digest.prefix(Int(length)))))
    }
}
