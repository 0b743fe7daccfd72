/// Why a coupon cannot be used for a cart, with what would have to be different.
package enum CouponRefusal: Sendable, Equatable {
    /// No such code, or one that is not to be told about.
    case unknown
    /// No such code, and its check character says that it was misread.
    case mistyped
    /// It is somebody else's.
    case notYours
    case notYetValid(from: Timestamp)
    case expired(at: Timestamp)
    case voided
    case redeemed
    /// Another order holds it.
    case locked(until: Timestamp)
    /// The brand has stopped the definition for now, or for good.
    case paused
    case ended
    case currency(wanted: String)
    case minimum(wanted: Int64, found: Int64)
    /// No line of the cart is one it holds for.
    case nothingEligible
    case freeItemMissing(skus: [String])
    /// There is no shipping to pay.
    case noShipping
    /// Other coupons have taken everything off already.
    case nothingLeft
    case store
    case channel
    case weekday
    case hours
    case blackout(through: Int64)
    /// It cannot be judged for nobody.
    case personNeeded
    case notFirstOrder
    case tier(wanted: [String])
    case segment
    case usedUp(limit: Int64)
    case personUsedUp(limit: Int64)
    /// Not together with another coupon of the same order.
    case stacking(with: String)

    /// The stable word that programs look at.
    package var code: String {
        switch self {
        case .unknown: "unknown"
        case .mistyped: "mistyped"
        case .notYours: "not_yours"
        case .notYetValid: "not_yet_valid"
        case .expired: "expired"
        case .voided: "voided"
        case .redeemed: "redeemed"
        case .locked: "locked"
        case .paused: "paused"
        case .ended: "ended"
        case .currency: "currency"
        case .minimum: "minimum"
        case .nothingEligible: "nothing_eligible"
        case .freeItemMissing: "free_item_missing"
        case .noShipping: "no_shipping"
        case .nothingLeft: "nothing_left"
        case .store: "store"
        case .channel: "channel"
        case .weekday: "weekday"
        case .hours: "hours"
        case .blackout: "blackout"
        case .personNeeded: "person_needed"
        case .notFirstOrder: "not_first_order"
        case .tier: "tier"
        case .segment: "segment"
        case .usedUp: "used_up"
        case .personUsedUp: "person_used_up"
        case .stacking: "stacking"
        }
    }
}
