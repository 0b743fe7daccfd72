/// The bounds of coupons.
package enum CouponLimits {
    package static let definitions = 2_000
    package static let nameCharacters = 80
    package static let codesPerScope = 500
    package static let codeBytes = 100
    package static let hours = 24
    package static let blackouts = 100
    package static let tiers = 50
    package static let daysMax = 3_660
    /// Minor units; sums over a cart stay far inside 64 bits.
    package static let amountMax: Int64 = 1_000_000_000_000
    package static let countMax: Int64 = 1_000_000_000
    package static let cartLines = 500
    package static let quantityMax: Int64 = 1_000_000
    /// Of one cart before discounts.
    package static let cartMax: Int64 = 1_000_000_000_000_000
    /// Coupons that one question or one order may name.
    package static let couponsPerCart = 200
    package static let couponsPerOrder = 20
    /// Combinations that are looked at before the best so far is given.
    package static let combinationsMax = 2_000
    package static let lockSecondsMax: Int64 = 86_400
    package static let lockSeconds: Int64 = 900
    /// How far the clock of a till may be off.
    package static let clockSkewMS: Int64 = 15 * 60_000
    package static let keyBytes = 200
    package static let batchMax: Int64 = 1_000_000
    package static let patternCharacters = 40
    package static let batchesPerDefinition = 1_000
    package static let rowsPerWrite = 20_000
    package static let pageRows = 200
    /// Unknown codes that one caller may ask for within `attemptsMS`: of all people, and of one; and all callers of one
    /// network together.
    package static let attemptsByCaller = 200
    package static let attemptsByPerson = 10
    package static let attemptsByNetwork = 300
    package static let attemptsMS: Int64 = 600_000
}
