/// What one account has of one currency.
package struct PointsBalance: Sendable, Equatable {
    package var pending: Int64 = 0
    package var available: Int64 = 0
    package var held: Int64 = 0
    /// At most zero. While it is below, nothing is available.
    package var owed: Int64 = 0
    /// Awarded in all its time, less what was taken back: what tiers count.
    package var earned: Int64 = 0
    /// When inactivity ends everything; nil unless the currency's rule is that.
    package var inactiveAt: Timestamp?
    /// Up to when notices of lapsing points were given. No part of the ledger.
    package var noticedTo = Timestamp(milliseconds: 0)

    package init() {}

    mutating func add(_ entry: PointsEntry) {
        switch entry.ledger {
        case .pending: pending += entry.amount
        case .available: available += entry.amount
        case .held: held += entry.amount
        case .owed: owed += entry.amount
        case .issued: earned -= entry.amount
        default: break
        }
    }

    /// The largest of its amounts, without signs.
    var most: Int64 { max(max(pending, available), max(held, max(-owed, abs(earned)))) }

    /// Nothing left and nothing remembered.
    var isZero: Bool { pending == 0 && available == 0 && held == 0 && owed == 0 }
}
