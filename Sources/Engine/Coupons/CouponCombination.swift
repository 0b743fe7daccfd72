/// Coupons that go together on one cart, in the order in which they are applied.
package struct CouponCombination: Sendable, Equatable {
    package struct Part: Sendable, Equatable {
        package var couponID: Int64
        package var discount: CouponDiscount
    }

    package var parts: [Part] = []
    /// False: more combinations than are looked at; this is the best that was seen.
    package var isProved = true

    package var amount: Int64 { parts.reduce(0) { $0 + $1.discount.amount } }
}

extension CouponCheck {
    /// The combination that takes off the most; of equal ones the one with fewer coupons. Coupons that add nothing are
    /// left out, so that none is wasted.
    package func best(of entries: [Entry]) -> CouponCombination {
        let usable = Self.distinct(entries.filter { $0.refusals.isEmpty && $0.discount.amount > 0 })
        guard !usable.isEmpty else { return CouponCombination() }
        var search = CouponSearch(usable, cart, remainder)
        search.run()
        var chosen = search.best
        for place in chosen.sorted(by: { usable[$0].discount.amount < usable[$1].discount.amount })
        where chosen.count > 1 {
            let without = chosen.filter { $0 != place }
            if search.taken(without) >= search.amount { chosen = without }
        }
        var combination = combined(chosen.map { usable[$0] })
        combination.isProved = search.isProved
        return combination
    }

    /// What exactly these take off together; each must apply and allow the others.
    package func combined(_ entries: [Entry]) -> CouponCombination {
        var remainder = remainder
        return CouponCombination(
            parts: Self.inTurn(entries).map { place in
                let candidate = entries[place].candidate
                return CouponCombination.Part(
                    couponID: candidate.coupon.id,
                    discount: candidate.rule.apply(left: candidate.coupon.left, to: cart, &remainder))
            })
    }

    /// For each coupon that does not go with one before it: which.
    package func conflicts(_ entries: [Entry]) -> [Int64: CouponRefusal] {
        var found: [Int64: CouponRefusal] = [:]
        for (index, entry) in entries.enumerated() {
            let other = entries[..<index].first { !$0.allows(entry) }
            if let other { found[entry.candidate.coupon.id] = .stacking(with: other.candidate.coupon.code) }
        }
        return found
    }

    /// Places of entries, what takes off the most first, then the older coupon.
    static func ranked(_ entries: [Entry]) -> [Int] {
        let ranks = entries.map { (-$0.discount.amount, $0.candidate.coupon.id) }
        return entries.indices.sorted { ranks[$0] < ranks[$1] }
    }

    /// Places of entries in the order of application; of one turn, what lapses first.
    private static func inTurn(_ entries: [Entry]) -> [Int] {
        let turns = entries.map { entry in
            let coupon = entry.candidate.coupon
            return (entry.candidate.rule.benefit.turn, coupon.until?.milliseconds ?? .max, coupon.id)
        }
        return entries.indices.sorted { turns[$0] < turns[$1] }
    }

    /// Of coupons that are alike and exclude each other, the one that lapses first is enough.
    private static func distinct(_ entries: [Entry]) -> [Entry] {
        struct Likeness: Hashable {
            var definition: Int64
            var version: Int64
            var left: Int64?
        }
        var seen: Set<Likeness> = []
        return inTurn(entries).filter { place in
            guard entries[place].candidate.rule.stacking.mode != .sum else { return true }
            let coupon = entries[place].candidate.coupon
            let likeness = Likeness(definition: coupon.definitionID, version: coupon.version, left: coupon.left)
            return seen.insert(likeness).inserted
        }.map { entries[$0] }
    }
}

extension CouponCheck.Entry {
    fileprivate func allows(_ other: CouponCheck.Entry) -> Bool {
        candidate.rule.stacking.allows(other.candidate.rule.stacking)
    }
}
