/// Issues a coupon, in the transaction of the step. Where its limits are reached nobody gets one, and all go on.
struct CouponNode: JourneyNode {
    static let kind = "coupon"
    static let form = CriteriaForm(
        "deeds", "发放优惠券", "Issue a coupon",
        [.init("coupon", "coupon", "优惠券", "coupon")] + JourneyGift.form("张", "coupons"))

    var coupon: Int64
    var gift: JourneyGift

    init(_ reader: CriteriaReader) {
        coupon = JourneyReading.id(reader, "coupon")
        gift = JourneyGift(reader)
    }

    var json: [String: JSONValue] { gift.json.merging(["coupon": JSONValue(id: coupon)]) { $1 } }
    var references: Set<JourneyReference> { [.coupon(coupon)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        if world.coupons[coupon] == nil {
            note("coupon", .told(chinese: "请选择一张有效的优惠券", english: "Choose a coupon that is active"))
        }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        guard let name = phrases.world.coupons[coupon] else {
            return phrases.language("发放优惠券（未选择有效的优惠券）", "Issue a coupon (no active one is chosen)")
        }
        return phrases.language("发放优惠券“\(name)”", "Issue the coupon “\(name)”")
            + gift.words(phrases.language, phrases.language("张", "coupons"), one: "coupon")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.coupon(coupon), visit, gift) }
}
