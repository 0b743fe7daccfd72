/// What is left of a point after some days: w(t) = 2^(−t ÷ h) with the half-life h, exponential decay.
///
/// Source: exponential decay as in Cormode, Shkapenyuk, Srivastava, Xu, “Forward Decay: A Practical Time Decay Model for
/// Streaming Systems”, ICDE 2009, section II. Computed in whole numbers (2^32 is 1), so that every machine answers the
/// same: the exponent's fraction is taken bit by bit, each bit a factor 2^(−1/2), 2^(−1/4), …
package enum ScoreDecay {
    package static let one: UInt64 = 4_294_967_296

    /// 2^(−2^−i) × 2^32, rounded half to even, for i = 1…20.
    private static let roots: [UInt64] = [
        3_037_000_500, 3_611_622_603, 3_938_502_376, 4_112_874_773, 4_202_935_003, 4_248_701_965, 4_271_771_996,
        4_283_353_945, 4_289_156_690, 4_292_061_010, 4_293_513_907, 4_294_240_540, 4_294_603_903, 4_294_785_595,
        4_294_876_445, 4_294_921_870, 4_294_944_583, 4_294_955_939, 4_294_961_618, 4_294_964_457,
    ]

    /// The weight of something that happened `days` ago, of `one`. Half-life 0: nothing fades. What lies in the future
    /// weighs whole.
    package static func weight(days: Int64, halfLifeDays: Int64) -> UInt64 {
        guard halfLifeDays > 0, days > 0 else { return one }
        let halvings = days / halfLifeDays
        guard halvings < 32 else { return 0 }
        var rest = UInt64(days % halfLifeDays) << 1
        let whole = UInt64(halfLifeDays)
        var weight = one
        for root in roots {
            if rest >= whole {
                weight = (weight * root + one / 2) >> 32
                rest -= whole
            }
            rest <<= 1
        }
        return weight >> UInt64(halvings)
    }

    /// Points that are left, in thousandths as they came, rounded half away from zero.
    package static func left(_ points: Int64, _ weight: UInt64) -> Int64 {
        let size = (UInt64(points.magnitude) * weight + one / 2) >> 32
        return points < 0 ? -Int64(size) : Int64(size)
    }
}
