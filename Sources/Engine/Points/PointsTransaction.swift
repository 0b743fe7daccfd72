/// One immutable movement in one account's statement. What two accounts do together is a transaction of each.
///
/// `hash` is SHA-256 over the hash before it, a line feed, and the text (`sealed`); the first has 64 zeros before it. So
/// a statement verifies by itself (docs/loyalty.md has the script).
package struct PointsTransaction: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case open, award, release, redeem
        case giveBack = "return"
        case reverse, reserve, capture
        case letGo = "let_go"
        case expire, extend, reinstate
        case transferOut = "transfer_out"
        case transferIn = "transfer_in"
        case donate, adjust
        case mergeOut = "merge_out"
        case mergeIn = "merge_in"
        case forfeit
        /// Into a pool and back out of it, each in both statements.
        case poolGive = "pool_give"
        case poolTake = "pool_take"
        case poolReturn = "pool_return"
        case poolBack = "pool_back"
        /// What a member spent of a pool, and what of it came back, in the member's own statement: points that passed
        /// through. The pool's has the redemption.
        case poolSpend = "pool_spend"
        case poolUnspend = "pool_unspend"
    }

    package var account: Int64
    /// Counts up within the account, from 1, without a gap.
    package var sequence: Int64
    package var kind: Kind
    /// What it stands for, once for all time: kind and natural key; nil for what time brings about.
    package var key: String?
    package var at: Timestamp
    package var currency: String
    package var entries: [PointsEntry]
    /// Lots, hold and redemption as they are after it.
    package var lots: [PointsLot] = []
    package var holds: [PointsHold] = []
    package var redemptions: [PointsRedemption] = []
    /// Key of the award, hold or redemption that it acts on.
    package var subject = ""
    /// The other account of a transfer or merge.
    package var counterpart: Int64?
    /// What a return would have taken and the policy let go.
    package var waived: Int64 = 0
    /// Who, why, which order: texts for people and programs, no part of any rule.
    package var note: [String: String] = [:]
    package var after = PointsBalance()
    package var hash = ""

    /// What the member gained (above zero) or lost: pending, available, held and owed together.
    package var change: Int64 {
        entries.reduce(0) { $0 + ($1.ledger.isMembers ? $1.amount : 0) }
    }

    /// What it is about, without sign: the points awarded, spent, reserved, lapsed, …
    package var principal: Int64 {
        if kind.isPassing { return entries.reduce(0) { $0 + max($1.amount, 0) } }
        return abs(entries.reduce(0) { $0 + ($1.ledger == kind.ledger ? $1.amount : 0) })
    }

    package static let firstHash = String(repeating: "0", count: 64)
}

extension PointsTransaction.Kind {
    /// Goes in and out again: the account has afterwards what it had before.
    var isPassing: Bool { self == .poolSpend || self == .poolUnspend }

    /// A member's, with a pool at the other side.
    var isOfPool: Bool { [.poolGive, .poolBack, .poolSpend, .poolUnspend].contains(self) }

    /// The ledger whose entries say how much it is about.
    var ledger: Ledger {
        switch self {
        case .open: return .opening
        case .award, .reverse: return .issued
        case .release: return .pending
        case .redeem, .giveBack, .capture: return .redeemed
        case .reserve, .letGo: return .held
        case .expire, .reinstate, .extend: return .expired
        case .transferOut, .transferIn, .mergeOut, .mergeIn: return .transferred
        case .poolGive, .poolTake, .poolReturn, .poolBack, .poolSpend, .poolUnspend: return .transferred
        case .donate: return .donated
        case .adjust: return .adjusted
        case .forfeit: return .breakage
        }
    }
}
