/// FNV-1a, 64 bits: the same on every machine and in every version, for checksums that guard against accidents and for
/// ids that a fact must find again (http://www.isthe.com/chongo/tech/comp/fnv/). Not for secrets.
package struct StableHash: Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }

    /// Sixteen lower-case hexadecimal digits.
    package var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// 63 bits, mixed by the finaliser of SplitMix64 (Steele, Lea, Flood 2014): an id.
    package var id: Int64 {
        var hash = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int64((hash ^ (hash >> 31)) >> 1)
    }

    package static func of(_ text: String) -> StableHash {
        var hash = StableHash()
        hash.add(text.utf8)
        return hash
    }
}
