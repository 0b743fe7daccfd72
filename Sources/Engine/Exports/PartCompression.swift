import CZlib

/// One part of a file, compressed (RFC 1950). Lists of people shrink to a quarter.
enum PartCompression {
    private static let level: Int32 = 5

    /// Nil when zlib has no memory.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var length = compressBound(UInt(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&output, &length, bytes, UInt(bytes.count), level) == Z_OK else { return nil }
        return Array(output.prefix(Int(length)))
    }

    /// Nil when the bytes are no part of exactly `count` bytes.
    static func expanded(_ bytes: [UInt8], to count: Int) -> [UInt8]? {
        var length = UInt(count)
        var output = [UInt8](repeating: 0, count: max(count, 1))
        guard uncompress(&output, &length, bytes, UInt(bytes.count)) == Z_OK, Int(length) == count else { return nil }
        return Array(output.prefix(count))
    }
}
