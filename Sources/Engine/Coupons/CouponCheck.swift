/// Whether coupons apply to a cart, why not, what each takes off, and which of them go best together.
///
/// Pure: no clock, no store. Conditions are judged on the cart before any coupon; each coupon of a combination takes off
/// what those before it (`CouponBenefit.turn`) have left.
package struct CouponCheck: Sendable {
    /// A coupon with what the check has to know of it.
    package struct Candidate: Sendable {
        package var coupon: Coupon
        package var rule: CouponRule
        package var status: CouponStatus
        /// Orders that use the definition, of all people.
        package var used: Int64
        /// Until when another order holds it.
        package var lockedUntil: Timestamp?
        /// The order of the cart holds or used it: limits count it already.
        package var isOwn: Bool

        package init(
            _ coupon: Coupon, _ rule: CouponRule, status: CouponStatus = .active, used: Int64 = 0,
            lockedUntil: Timestamp? = nil, isOwn: Bool = false
        ) {
            self.coupon = coupon
            self.rule = rule
            self.status = status
            self.used = used
            self.lockedUntil = lockedUntil
            self.isOwn = isOwn
        }
    }

    /// What became of one coupon by itself.
    package struct Entry: Sendable {
        package var candidate: Candidate
        /// Empty: it applies.
        package var refusals: [CouponRefusal]
        package var discount: CouponDiscount
    }

    package let cart: CouponCart
    package let person: CouponPerson?
    package let now: Timestamp
    package let calendar: LocalCalendar
    /// What other coupons of the same order hold or used, with their stacking.
    package var standing: [(code: String, stacking: CouponStacking, discount: CouponDiscount)] = []
    /// What calendar and clock of the workspace show when it is bought: asked of them once for all coupons.
    private let weekday: Int64
    private let day: Int64
    private let clock: Int64

    package init(_ cart: CouponCart, _ person: CouponPerson?, at now: Timestamp, _ calendar: LocalCalendar) {
        self.cart = cart
        self.person = person
        self.now = now
        self.calendar = calendar
        let at = cart.at ?? now
        weekday = calendar.weekday(of: at)
        day = calendar.day(of: at)
        clock = calendar.hour(of: at) * 60 + Self.minute(of: at, calendar)
    }

    var remainder: CouponRemainder {
        var remainder = CouponRemainder(cart)
        for use in standing { remainder.take(use.discount, cart) }
        return remainder
    }

    /// One coupon by itself, with every reason against it.
    package func entry(_ candidate: Candidate) -> Entry {
        var reasons = itself(candidate) + circumstances(candidate.rule) + buyer(candidate)
        let (about, discount) = goods(candidate)
        reasons += about
        for use in standing where !use.stacking.allows(candidate.rule.stacking) {
            reasons.append(.stacking(with: use.code))
        }
        return Entry(candidate: candidate, refusals: reasons, discount: reasons.isEmpty ? discount : CouponDiscount())
    }

    /// What the coupon itself says, and its owner.
    private func itself(_ candidate: Candidate) -> [CouponRefusal] {
        let coupon = candidate.coupon
        if coupon.profileID != 0, coupon.profileID != person?.id { return [.notYours] }
        var reasons: [CouponRefusal] = []
        switch coupon.state {
        case .voided: reasons.append(.voided)
        case .redeemed: reasons.append(.redeemed)
        case .expired: reasons.append(.expired(at: coupon.until ?? now))
        case .issued, .locked:
            // A lock is honoured, whatever has changed since.
            if candidate.isOwn { return [] }
            if let until = coupon.until, until <= now { reasons.append(.expired(at: until)) }
            if coupon.from > now { reasons.append(.notYetValid(from: coupon.from)) }
        }
        if let until = candidate.lockedUntil { reasons.append(.locked(until: until)) }
        switch candidate.status {
        case .active: break
        case .paused: reasons.append(.paused)
        case .ended: reasons.append(.ended)
        }
        guard !candidate.isOwn else { return reasons }
        if let most = coupon.usesMax, coupon.uses >= most, coupon.kind == .shared {
            reasons.append(.usedUp(limit: most))
        } else if let most = candidate.rule.limits.used, candidate.used >= most {
            reasons.append(.usedUp(limit: most))
        }
        return reasons
    }

    /// Where and when.
    private func circumstances(_ rule: CouponRule) -> [CouponRefusal] {
        var reasons: [CouponRefusal] = []
        if !rule.stores.holds(cart.store) || (!rule.stores.only.isEmpty && cart.store.isEmpty) {
            reasons.append(.store)
        }
        if !rule.channels.holds(cart.channel) || (!rule.channels.only.isEmpty && cart.channel.isEmpty) {
            reasons.append(.channel)
        }
        if !rule.weekdays.isEmpty, !rule.weekdays.contains(weekday) { reasons.append(.weekday) }
        if !rule.hours.isEmpty, !rule.hours.contains(where: { $0.hold(clock) }) { reasons.append(.hours) }
        if let black = rule.blackouts.first(where: { ($0.from...$0.through).contains(day) }) {
            reasons.append(.blackout(through: black.through))
        }
        return reasons
    }

    /// The minute that clocks show. Some zones differ from UTC by a part of an hour, so it is sought: the hour is the same
    /// for exactly so many minutes back.
    private static func minute(of at: Timestamp, _ calendar: LocalCalendar) -> Int64 {
        let hour = calendar.hour(of: at)
        var (low, high) = (Int64(0), Int64(59))
        while low < high {
            let middle = (low + high + 1) / 2
            if calendar.hour(of: at.adding(milliseconds: -middle * 60_000)) == hour {
                low = middle
            } else {
                high = middle - 1
            }
        }
        return low
    }

    private func buyer(_ candidate: Candidate) -> [CouponRefusal] {
        let rule = candidate.rule
        guard rule.needsPerson else { return [] }
        guard let person else { return [.personNeeded] }
        var reasons: [CouponRefusal] = []
        if rule.isFirstOrderOnly, person.orders > 0 { reasons.append(.notFirstOrder) }
        if !rule.tiers.isEmpty, !rule.tiers.contains(person.tier ?? "") { reasons.append(.tier(wanted: rule.tiers)) }
        if let segment = rule.segment, !person.segments.contains(segment) { reasons.append(.segment) }
        if !candidate.isOwn, let most = rule.limits.usedPerPerson,
            person.used[candidate.coupon.definitionID, default: 0] >= most
        {
            reasons.append(.personUsedUp(limit: most))
        }
        return reasons
    }

    /// What is in the cart, and what it would take off.
    private func goods(_ candidate: Candidate) -> ([CouponRefusal], CouponDiscount) {
        let rule = candidate.rule
        guard rule.currency == cart.currency else { return ([.currency(wanted: rule.currency)], CouponDiscount()) }
        var (found, isAny) = (Int64(0), false)
        for line in cart.lines where rule.holds(line) { (found, isAny) = (found + line.amount, true) }
        guard isAny else { return ([.nothingEligible], CouponDiscount()) }
        var reasons: [CouponRefusal] = []
        if found < rule.minimum { reasons.append(.minimum(wanted: rule.minimum, found: found)) }
        switch rule.benefit {
        case .freeItem(let skus, _) where !cart.lines.contains(where: { skus.contains($0.sku) }):
            reasons.append(.freeItemMissing(skus: skus))
        case .shipping where cart.shipping == 0: reasons.append(.noShipping)
        default:
            var remainder = remainder
            let discount = rule.apply(left: candidate.coupon.left, to: cart, &remainder)
            if discount.amount == 0, candidate.coupon.state.isLive { reasons.append(.nothingLeft) }
            return (reasons, discount)
        }
        return (reasons, CouponDiscount())
    }
}

/// Whether a definition is in force.
package enum CouponStatus: String, CaseIterable, Sendable {
    case active
    /// Nothing of it can be issued or used for now.
    case paused
    /// For good.
    case ended
}
