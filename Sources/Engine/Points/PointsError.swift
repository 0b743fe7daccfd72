/// Why a command on points was refused. A refused command changes nothing.
package enum PointsError: Error, Sendable, Equatable {
    case unknownCurrency(String)
    case currencyExists(String)
    /// What of a currency's definition cannot be used, and why.
    case invalidCurrency(field: String, reason: String)
    case currencyInUse(String)
    /// Definitions ask for its points.
    case currencyUsedBy([SegmentUse])
    case tooManyCurrencies(limit: Int)
    /// An amount below one, or above `limit`.
    case amount(Int64, limit: Int64)
    case balanceTooLarge
    /// Growth value and the like are only counted.
    case notSpendable(currency: String)
    case insufficient(available: Int64, wanted: Int64)
    case accountNotFound(Int64)
    case accountClosed(Int64)
    case key(String)
    case note(field: String)
    /// The key stands for another command already.
    case keyReused(String)
    case awardNotFound(String)
    case redemptionNotFound(String)
    /// More than was awarded or redeemed, less what was taken or given back before.
    case exceedsOriginal(left: Int64, wanted: Int64)
    case holdNotFound(String)
    case holdEnded(String)
    case holdTooSmall(held: Int64, wanted: Int64)
    case tooManyHolds(limit: Int)
    case holdUntil(daysMax: Int)
    case lotNotFound(Int64)
    /// Nothing of the lot is left, or nothing of it is of the kind asked for.
    case lotEmpty(Int64)
    case expiryInPast
    case expiryNotLater
    case reinstatementOver
    case transferNotAllowed(currency: String)
    case transferToSelf
    case transferLimit(left: Int64, wanted: Int64)
    /// More than may be given or taken by hand at once.
    case adjustmentLimit(Int64)
    /// More than one user may give or take by hand without another's approval.
    case needsApproval(above: Int64)
    /// The stored ledger contradicts itself; `perennial ledger verify` says where.
    case broken(account: Int64, sequence: Int64, reason: String)
}
