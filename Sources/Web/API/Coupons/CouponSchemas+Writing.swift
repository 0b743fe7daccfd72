import Engine

/// What a cart and an order are told of coupons, written straight into the answer: there may be two hundred, each with its
/// discount by line. Members come in the order of their names, as everywhere.
extension CouponSchemas {
    static func write(_ discount: CouponDiscount, to json: inout JSONWriter) {
        json.open()
        json.member("amount", discount.amount)
        json.name("lines")
        json.array(discount.shares.filter { $0.amount > 0 }) { share, json in
            json.open()
            json.member("amount", share.amount)
            json.member("id", share.line)
            json.close()
        }
        json.member("shipping", discount.shipping)
        json.close()
    }

    static func write(_ coupon: Coupon, _ use: CouponUse, to json: inout JSONWriter) {
        json.open()
        json.member("at", tree: JSONValue(use.at))
        json.member("coupon", tree: Self.json(coupon))
        json.name("discount")
        write(use.discount, to: &json)
        json.member("locked_until", tree: JSONValue(use.lockedUntil))
        json.member("order", use.order)
        json.member("profile_id", tree: JSONValue(optionalID: use.profileID))
        json.member("standing", use.standing)
        json.member("state", use.state.rawValue)
        json.close()
    }
}
