/// What Perennial says of coupons. A shared code and a code that nobody claimed say nothing when nobody is known.
package enum CouponEvents {
    package static let issued = "Coupon Issued"
    package static let locked = "Coupon Locked"
    package static let unlocked = "Coupon Unlocked"
    package static let redeemed = "Coupon Redeemed"
    package static let rolledBack = "Coupon Rolled Back"
    package static let expired = "Coupon Expired"
    package static let voided = "Coupon Voided"

    /// Those after which a person has something else than before.
    static let changes: Set<String> = [issued, locked, unlocked, redeemed, rolledBack, expired, voided]

    static func said(by life: CouponLife) -> [SystemEvent] {
        life.written.compactMap { entry in
            guard entry.profileID != 0, let name = name(entry.kind) else { return nil }
            var properties: [String: JSONValue] = [
                "coupon": JSONValue(id: life.coupon.id), "code": .string(life.coupon.code),
                "definition": JSONValue(id: life.coupon.definitionID),
                "benefit": .string(life.rule.benefit.kind.rawValue), "currency": .string(life.rule.currency),
            ]
            if !entry.order.isEmpty { properties["order_id"] = .string(entry.order) }
            if entry.amount != 0 { properties["discount"] = .integer(entry.amount) }
            if let left = life.coupon.left { properties["left"] = .integer(left) }
            if let until = life.coupon.until { properties["expires_at"] = .string(until.iso8601) }
            switch entry.kind {
            case .partReturned: properties["partial"] = true
            case .rolledBack: properties["partial"] = false
            case .timedOut: properties["timed_out"] = true
            default: break
            }
            return SystemEvent(
                name: name, profileID: entry.profileID, time: entry.at, properties: JSONValue.object(properties).text())
        }
    }

    private static func name(_ kind: CouponEntry.Kind) -> String? {
        switch kind {
        case .issued, .claimed: issued
        case .locked: locked
        case .released, .timedOut: unlocked
        case .redeemed, .captured: redeemed
        case .partReturned, .rolledBack: rolledBack
        case .expired: expired
        case .voided: voided
        case .moved: nil
        }
    }
}
