/// Bounds of the ledger.
package enum PointsLimits {
    /// One movement, in the smallest part of its currency.
    package static let amountMax: Int64 = 1_000_000_000_000
    /// Any balance of one account, so that sums over all accounts cannot overflow.
    static let balanceMax: Int64 = 1_000_000_000_000_000
    package static let keyBytes = 200
    package static let noteBytes = 500
    package static let noteFields = 12
    package static let currencies = 20
    package static let scaleMax = 4
    package static let noticesMax = 5
    package static let monthsMax = 120
    package static let daysMax = 3_660
    /// Holds of one account that are open at once.
    package static let holdsMax = 100
    package static let holdDaysMax = 366
    /// Accounts that one event releases points of.
    static let releasedAccounts = 1_000
    /// What time brings about for one account in one go; the rest follows in the next.
    static let stepsMax = 100_000
}
