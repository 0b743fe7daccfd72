/// A key of HMAC-SHA256 (RFC 2104) that many messages are signed with: what it alone decides is laid out once.
package struct HMACKey: Sendable {
    private static let blockBytes = 64
    private static let (innerPad, outerPad) = (UInt8(0x36), UInt8(0x5C))

    private let inner: [UInt8]
    private let outer: [UInt8]

    package init(_ key: [UInt8]) {
        var block = key.count > Self.blockBytes ? Digest.sha256Bytes(key) : key
        block += repeatElement(0, count: Self.blockBytes - block.count)
        inner = block.map { $0 ^ Self.innerPad }
        outer = block.map { $0 ^ Self.outerPad }
    }

    /// 32 bytes, the same as `Digest.hmac`.
    package func mac(_ message: ArraySlice<UInt8>) -> [UInt8] {
        Digest.sha256Bytes(outer + Digest.sha256Bytes(inner + message))
    }
}
