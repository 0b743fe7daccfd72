/// A hash that is the same in every process and release, for ids that a fact must find again.
enum StableHash {
    /// 63 bits of FNV-1a (Fowler, Noll, Vo), mixed by the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    static func positive(_ text: String) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int64((hash ^ (hash >> 31)) >> 1)
    }
}
