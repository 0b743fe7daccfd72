import CCrypto

/// A name made from what a row says: the first half of SHA-256 over its parts.
struct ContentHash {
    private var bytes: [UInt8] = []

    mutating func begin(_ kind: StaticString) {
        bytes.removeAll(keepingCapacity: true)
        kind.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Parts are kept apart by a byte that text does not hold.
    mutating func add(_ part: some Sequence<UInt8>) {
        bytes.append(0x1F)
        bytes.append(contentsOf: part)
    }

    mutating func add(_ number: Int64) {
        bytes.append(0x1F)
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ claims: [IdentityClaim]) {
        for claim in claims {
            add(claim.kind.utf8)
            add(claim.value.utf8)
        }
    }

    /// 16 bytes as one number, for tables of what was seen.
    func digest() -> UInt128 {
        var output: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &output) { target in
            _ = SHA256(bytes, bytes.count, target.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
        return UInt128(output.0.byteSwapped) << 64 | UInt128(output.1.byteSwapped)
    }

    /// 32 lower-case hexadecimal digits.
    static func text(_ digest: UInt128) -> String {
        String(unsafeUninitializedCapacity: 32) { target in
            for index in 0..<32 {
                let nibble = UInt8(truncatingIfNeeded: digest >> UInt128(124 - index * 4)) & 15
                target[index] = nibble < 10 ? ASCII.zero + nibble : UInt8(ascii: "a") + nibble - 10
            }
            return 32
        }
    }
}
