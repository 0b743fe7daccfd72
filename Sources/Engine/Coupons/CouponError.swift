/// Why something asked of coupons was refused. A refused command changes nothing.
package enum CouponError: Error, Sendable, Equatable {
    case definitionNotFound(Int64)
    case batchNotFound(Int64)
    case couponNotFound(String)
    /// What of a rule cannot be used, and why.
    case invalid(field: String, reason: String)
    case name
    case nameTaken(String)
    case tooMany(what: String, limit: Int64)
    /// Coupons of it are out.
    case inUse(issued: Int64)
    /// Definitions of people ask for it.
    case usedBy([SegmentUse])
    case definitionEnded
    case pattern(reason: String)
    case codeTaken(String)
    case code(String)
    /// So many codes of such a pattern could be guessed.
    case guessable(bits: Int, needed: Int)
    case cart(field: String, reason: String)
    case clockSkew(minutesMax: Int)
    case key(String)
    case keyReused(String)
    /// By code, in the order asked for.
    case refused([Refused])
    case issueLimit(Int64)
    case personIssueLimit(Int64)
    case notYours
    case notClaimable
    case orderNotFound(String)
    /// The order used the coupon for something else.
    case orderReused(String)
    case lineNotFound(String)
    case lineQuantity(line: String, left: Int64)
    case lockSeconds(max: Int64)
    case notVoidable(Coupon.State)
    case throttled(seconds: Int64)

    package struct Refused: Sendable, Equatable {
        package var code: String
        package var reasons: [CouponRefusal]

        package init(code: String, reasons: [CouponRefusal]) {
            self.code = code
            self.reasons = reasons
        }
    }
}
