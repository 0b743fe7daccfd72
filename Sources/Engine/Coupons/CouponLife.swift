/// A coupon with its uses: issued → locked → redeemed → rolled back, or expired, or voided.
///
/// Pure. Whether it may be used is decided before (`CouponCheck`); this keeps what is left, who holds it, and writes down
/// what happened. What came to its end while another order held it lapses when that lets go.
package struct CouponLife: Sendable, Equatable {
    package private(set) var coupon: Coupon
    package let rule: CouponRule
    /// By order.
    package private(set) var uses: [String: CouponUse]
    /// What happened since it was loaded.
    package private(set) var written: [CouponEntry] = []

    package init(_ coupon: Coupon, _ rule: CouponRule, uses: [CouponUse] = [], written: [CouponEntry] = []) {
        self.coupon = coupon
        self.rule = rule
        self.written = written
        self.uses = Dictionary(uses.map { ($0.order, $0) }) { first, _ in first }
    }

    /// The order that holds it, other than `order`, and until when; shared codes serve many at once.
    package func heldUntil(besides order: String) -> Timestamp? {
        guard coupon.kind != .shared else { return nil }
        return uses.values.first { $0.state == .locked && $0.order != order }?.lockedUntil
    }

    /// Reserves it for an order until a moment; again for the same order: anew, with another discount and moment.
    package mutating func lock(
        _ order: String, _ discount: CouponDiscount, by profile: Int64, until: Timestamp, request: String, at: Timestamp
    ) {
        let isAnew = uses[order]?.state != .locked
        if isAnew { take() }
        uses[order] = use(order, .locked, discount, profile, request, at, until: until)
        if coupon.kind != .shared { coupon.state = .locked }
        guard isAnew else { return }
        written.append(CouponEntry(.locked, at: at, profileID: profile, order: order, amount: discount.amount))
    }

    /// Uses it for an order, locked before or not.
    package mutating func redeem(
        _ order: String, _ discount: CouponDiscount, by profile: Int64, request: String, at: Timestamp
    ) {
        let wasLocked = uses[order]?.state == .locked
        // Whoever locked is who bought: the count of that person stands.
        let profile = wasLocked ? uses[order]?.profileID ?? profile : profile
        if !wasLocked { take() }
        uses[order] = use(order, .redeemed, discount, profile, request, at)
        if let left = coupon.left { coupon.left = rule.benefit.keepsRest ? max(0, left - discount.amount) : 0 }
        if coupon.kind != .shared {
            let hasRest = rule.benefit.keepsRest && coupon.left.map { $0 > 0 } ?? false
            coupon.state = hasRest ? .issued : .redeemed
        }
        written.append(
            CouponEntry(
                wasLocked ? .captured : .redeemed, at: at, profileID: profile, order: order, amount: discount.amount))
        if coupon.state == .issued { lapseIfDue(at) }
    }

    /// Lets a lock go.
    package mutating func release(_ order: String, timedOut: Bool, at: Timestamp) {
        guard var use = uses[order], use.state == .locked else { return }
        use.state = .released
        use.lockedUntil = nil
        uses[order] = use
        coupon.uses -= 1
        if coupon.state == .locked { coupon.state = .issued }
        written.append(
            CouponEntry(timedOut ? .timedOut : .released, at: at, profileID: use.profileID, order: order))
        lapseIfDue(at)
    }

    /// Lines of a redeemed order came back: pieces by line, nil for all that is left. When all have, the coupon is as it
    /// was before. Throws: `CouponError.orderNotFound`, `.lineNotFound`, `.lineQuantity`.
    package mutating func giveBack(_ order: String, _ lines: [String: Int64]?, at: Timestamp, key: String) throws {
        guard var use = uses[order], use.state == .redeemed else { throw CouponError.orderNotFound(order) }
        let before = use.standing
        for index in use.discount.shares.indices {
            let share = use.discount.shares[index]
            guard let lines else {
                use.discount.shares[index].returned = share.quantity
                continue
            }
            guard let pieces = lines[share.line] else { continue }
            guard pieces <= share.quantity - share.returned else {
                throw CouponError.lineQuantity(line: share.line, left: share.quantity - share.returned)
            }
            use.discount.shares[index].returned += pieces
        }
        let isAll =
            lines == nil
            || (!use.discount.shares.isEmpty && use.discount.shares.allSatisfy { $0.returned == $0.quantity })
        if isAll {
            use.state = .returned
            coupon.uses -= 1
            if !rule.benefit.keepsRest, coupon.left != nil { coupon.left = rule.benefit.face }
            if coupon.kind != .shared, coupon.state == .redeemed { coupon.state = .issued }
        }
        let amount = before - use.standing
        uses[order] = use
        if rule.benefit.keepsRest {
            coupon.left = min((coupon.left ?? 0) + amount, rule.benefit.face ?? 0)
            // What came back can be spent again, though the order stands.
            if coupon.state == .redeemed, coupon.left ?? 0 > 0 { coupon.state = .issued }
        }
        if isAll || amount > 0 {
            written.append(
                CouponEntry(
                    isAll ? .rolledBack : .partReturned, at: at, profileID: use.profileID, order: order,
                    amount: amount, note: key))
        }
        if coupon.state == .issued { lapseIfDue(at) }
    }

    /// Locks that are over are let go, and what has come to its end lapses; each dated when it was due.
    package mutating func advance(to now: Timestamp) {
        let over = uses.values.filter { $0.state == .locked && ($0.lockedUntil ?? now) <= now }
        for use in over.sorted(by: { ($0.lockedUntil ?? now, $0.order) < ($1.lockedUntil ?? now, $1.order) }) {
            release(use.order, timedOut: true, at: use.lockedUntil ?? now)
        }
        if let until = coupon.until, until <= now { lapseIfDue(until) }
    }

    /// Takes it back; nobody may hold or have used it.
    /// Throws: `CouponError.notVoidable`.
    package mutating func void(at: Timestamp, reason: String) throws {
        guard coupon.state == .issued, !uses.values.contains(where: { $0.state == .locked }) else {
            throw CouponError.notVoidable(coupon.state)
        }
        coupon.state = .voided
        written.append(CouponEntry(.voided, at: at, profileID: coupon.profileID, note: reason))
    }

    /// Somebody makes a code theirs; days of validity count from then.
    package mutating func claim(by profile: Int64, at: Timestamp, _ calendar: LocalCalendar) {
        coupon.profileID = profile
        coupon.kind = .personal
        (coupon.from, coupon.until) = rule.validity.span(issuedAt: at, calendar)
        written.append(CouponEntry(.claimed, at: at, profileID: profile))
    }

    /// When time has something to do with it next.
    package var due: Timestamp? {
        let locks = uses.values.filter { $0.state == .locked }.compactMap(\.lockedUntil).min()
        let end = coupon.state == .issued ? coupon.until : nil
        guard let locks else { return end }
        return end.map { min($0, locks) } ?? locks
    }

    private mutating func lapseIfDue(_ at: Timestamp) {
        guard coupon.state == .issued, let until = coupon.until, until <= at,
            !uses.values.contains(where: { $0.state == .locked })
        else { return }
        coupon.state = .expired
        written.append(CouponEntry(.expired, at: max(until, at), profileID: coupon.profileID))
    }

    private mutating func take() { coupon.uses += 1 }

    private func use(
        _ order: String, _ state: CouponUse.State, _ discount: CouponDiscount, _ profile: Int64, _ request: String,
        _ at: Timestamp, until: Timestamp? = nil
    ) -> CouponUse {
        CouponUse(
            couponID: coupon.id, definitionID: coupon.definitionID, order: order, profileID: profile, state: state,
            discount: discount, lockedUntil: until, at: at, request: request)
    }
}
