#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Text as both stores can hold it: PostgreSQL has no U+0000, so both get U+FFFD in its place.
enum StorableText {
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// Hands the UTF-8 bytes of `text`, without zero bytes, to `body`.
    static func withBytes<R>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
        var text = text
        let stored: R? = try text.withUTF8 { bytes in
            guard let start = bytes.baseAddress, memchr(start, 0, bytes.count) != nil else {
                return try body(bytes)
            }
            return nil
        }
        if let stored { return stored }
        let cleaned = text.utf8.flatMap { $0 == 0 ? replacement : [$0] }
        return try cleaned.withUnsafeBufferPointer(body)
    }
}
