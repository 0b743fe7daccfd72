import Storage

/// Which part of people somebody falls into: by a hash of the person and a stored salt, so always the same, here and in the
/// analytics store, without a row anywhere. The one way in which people are drawn: variants of experiments and templates,
/// holdouts, random splits.
///
/// `intHash64(intHash64(profile) xor salt) % total`, with ClickHouse's `intHash64`: the finaliser of MurmurHash3 over the
/// number xor a constant. Hashing twice keeps two salts independent of each other.
package enum Assignment {
    /// Parts in a hundredth of a percent.
    package static let whole: Int64 = 10_000

    /// The place of a person among `total`, from 0. Pure.
    package static func bucket(salt: Int64, profile: Int64, of total: Int64 = whole) -> Int64 {
        precondition(total > 0, "parts of nothing")
        let mixed = hash(hash(UInt64(bitPattern: profile)) ^ UInt64(bitPattern: salt))
        return Int64(mixed % UInt64(total))
    }

    /// The index of the variant that a person falls to; weights in any unit, not all 0. Pure.
    package static func variant(salt: Int64, profile: Int64, weights: [Int64]) -> Int {
        let place = bucket(salt: salt, profile: profile, of: weights.reduce(0, +))
        var sum: Int64 = 0
        for (index, weight) in weights.enumerated() {
            sum += weight
            if place < sum { return index }
        }
        return weights.count - 1
    }

    /// The salt of something that is told by a text: a stored salt with what is drawn under it. Pure.
    package static func salt(of text: String) -> Int64 { Int64(Digest.key64(text) >> 1) }

    /// `bucket` over a column of profile ids.
    package static func bucket(salt: Int64, column: String, of total: Int64 = whole) -> AnalyticsSQL {
        "toInt64(intHash64(bitXor(intHash64(toUInt64(\(raw: column))), toUInt64(\(salt)))) % \(total))"
    }

    /// A salt for something new: not negative.
    static func salt(_ effects: Effects) -> Int64 {
        Int64(effects.randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1)
    }

    /// ClickHouse, `IntHash64Impl` (src/Functions/FunctionsHashing.h).
    private static func hash(_ number: UInt64) -> UInt64 {
        var x = number ^ 0x4CF2_D2BA_AE6D_A887
        x ^= x >> 33
        x = x &* 0xFF51_AFD7_ED55_8CCD
        x ^= x >> 33
        x = x &* 0xC4CE_B9FE_1A85_EC53
        return x ^ (x >> 33)
    }
}
