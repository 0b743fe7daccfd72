/// Issues a coupon, in the transaction of the step. Where its limits are reached nobody gets one, and all go on.
struct CouponNode: JourneyNode {
    static let kind = "coupon"
    static let form = CriteriaForm("deeds", "发放优惠券", "Issue a coupon", [.init("coupon", "coupon", "优惠券", "coupon")])

    var coupon: Int64

    init(_ reader: CriteriaReader) { coupon = JourneyReading.id(reader, "coupon") }

    var json: [String: JSONValue] { ["coupon": JSONValue(id: coupon)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        if world.coupons[coupon] == nil { note("coupon", .unusable("there is no active coupon \(coupon)")) }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.world.coupons[coupon] ?? String(coupon)
        return phrases.language("发放优惠券“\(name)”", "Issue the coupon “\(name)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.coupon(coupon), visit) }
}
