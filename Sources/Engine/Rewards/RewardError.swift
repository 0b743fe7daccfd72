/// Why something about rewards was refused. What is refused changes nothing.
package enum RewardError: Error, Sendable, Equatable {
    case notFound(Int64)
    case claimNotFound(Int64)
    case invalid(field: String, reason: String)
    case tooMany(limit: Int)
    /// Somebody claimed it; it can be withdrawn, not deleted.
    case inUse
    case refused(RewardRefusal)
    case quantity(limit: Int64)
    case delivery(field: String)
    case note(limit: Int)
    case key(String)
    case keyReused(String)
    /// The claim cannot go from where it is to there.
    case step(from: RewardClaim.State, to: RewardClaim.State)
    /// Money is due: the confirmation names the payment.
    case unpaid(money: Int64)
    /// Less would be left than nothing.
    case stock(left: Int64)
}

/// Why a member cannot have a reward now.
package enum RewardRefusal: Sendable, Equatable {
    case withdrawn
    case notYet(Timestamp)
    case over
    case outOfStock(left: Int64)
    case memberLimit(left: Int64)
    case tier([String])
    case insufficient(available: Int64, wanted: Int64)
    case closed

    /// A word for programs.
    package var code: String {
        switch self {
        case .withdrawn: return "withdrawn"
        case .notYet: return "not_yet"
        case .over: return "over"
        case .outOfStock: return "out_of_stock"
        case .memberLimit: return "member_limit"
        case .tier: return "tier"
        case .insufficient: return "insufficient"
        case .closed: return "account_closed"
        }
    }
}
