/// The accounts of the double-entry ledger, of each currency.
///
/// A member has four: what is pending, available, held, and owed (never above zero). The issuer's say where points came
/// from and went to. Every transaction adds up to zero, so do all entries together; what the member's four add up to
/// over all members is what the brand owes.
package enum Ledger: String, Sendable, CaseIterable, Codable {
    case pending, available, held, owed
    case issued, redeemed, expired, donated, adjusted, breakage
    /// Between two members; adds up to zero over all of them.
    case transferred
    case fees
    /// Balances brought along from another system.
    case opening

    package var isMembers: Bool {
        switch self {
        case .pending, .available, .held, .owed: return true
        default: return false
        }
    }

    package static let issuers = allCases.filter { !$0.isMembers }
}

/// One line of a transaction. Amounts are signed, in the smallest part of the currency.
package struct PointsEntry: Sendable, Hashable {
    package var ledger: Ledger
    /// The lot that it moves, or because of which it is; 0 for none.
    package var lot: Int64
    package var amount: Int64

    package init(_ ledger: Ledger, _ amount: Int64, lot: Int64 = 0) {
        self.ledger = ledger
        self.lot = lot
        self.amount = amount
    }
}
