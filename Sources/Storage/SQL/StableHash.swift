/// FNV-1a, 64 bits: the same on every machine and in every version, for checksums that guard against accidents
/// (http://www.isthe.com/chongo/tech/comp/fnv/). Not for secrets.
struct StableHash: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }

    /// Sixteen lower-case hexadecimal digits.
    var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    static func of(_ text: String) -> StableHash {
        var hash = StableHash()
        hash.add(text.utf8)
        return hash
    }
}
