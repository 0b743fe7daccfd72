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
    ///
    /// Branch and bound over the coupons that apply, the largest first. After others a coupon takes off no more than
    /// alone, but for free items, which go on to dearer pieces when the cheapest are taken; so the sum of the most that
    /// each can take bounds what a branch can still reach.
    package func best(of entries: [Entry]) -> CouponCombination {
        let usable = Self.distinct(entries.filter { $0.refusals.isEmpty && $0.discount.amount > 0 })
        guard !usable.isEmpty else { return CouponCombination() }
        var search = Search(check: self, usable: usable)
        search.run()
        var chosen = search.best
        for entry in chosen.sorted(by: { $0.discount.amount < $1.discount.amount }) where chosen.count > 1 {
            let without = chosen.filter { $0.candidate.coupon.id != entry.candidate.coupon.id }
            if combined(without).amount >= search.amount { chosen = without }
        }
        var combination = combined(chosen)
        combination.isProved = search.isProved
        return combination
    }

    /// What exactly these take off together; each must apply and allow the others.
    package func combined(_ entries: [Entry]) -> CouponCombination {
        var remainder = remainder
        return CouponCombination(
            parts: entries.sorted(by: Self.isEarlier).map { entry in
                CouponCombination.Part(
                    couponID: entry.candidate.coupon.id,
                    discount: entry.candidate.rule.apply(left: entry.candidate.coupon.left, to: cart, &remainder))
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

    private static func isEarlier(_ left: Entry, _ right: Entry) -> Bool {
        let (a, b) = (left.candidate, right.candidate)
        if a.rule.benefit.turn != b.rule.benefit.turn { return a.rule.benefit.turn < b.rule.benefit.turn }
        let (first, second) = (a.coupon.until?.milliseconds ?? .max, b.coupon.until?.milliseconds ?? .max)
        return (first, a.coupon.id) < (second, b.coupon.id)
    }

    /// Of coupons that are alike and exclude each other, the one that lapses first is enough.
    private static func distinct(_ entries: [Entry]) -> [Entry] {
        struct Likeness: Hashable {
            var definition: Int64
            var version: Int64
            var left: Int64?
        }
        var seen: Set<Likeness> = []
        return entries.sorted(by: isEarlier).filter { entry in
            guard entry.candidate.rule.stacking.mode != .sum else { return true }
            let coupon = entry.candidate.coupon
            let likeness = Likeness(definition: coupon.definitionID, version: coupon.version, left: coupon.left)
            return seen.insert(likeness).inserted
        }
    }

    private struct Search {
        let check: CouponCheck
        let usable: [Entry]
        /// The most that those from an index on take off, in all: of a group that allows one, only the most counts; and
        /// never more than there is.
        let bounds: [Int64]
        var best: [Entry] = []
        var amount: Int64 = 0
        var isProved = true
        private let whole: Int64
        private var looked = 0

        init(check: CouponCheck, usable: [Entry]) {
            self.check = check
            self.usable = usable.sorted {
                ($0.discount.amount, $1.candidate.coupon.id) > ($1.discount.amount, $0.candidate.coupon.id)
            }
            whole = check.cart.amount + check.cart.shipping
            bounds = Self.bounds(self.usable, check.cart)
        }

        /// The most that a coupon takes off, whatever others have taken.
        private static func most(_ entry: Entry, _ cart: CouponCart) -> Int64 {
            guard case .freeItem(let skus, let quantity) = entry.candidate.rule.benefit else {
                return entry.discount.amount
            }
            var (left, sum) = (quantity, Int64(0))
            for line in cart.lines.filter({ skus.contains($0.sku) }).sorted(by: { $0.unitPrice > $1.unitPrice }) {
                let pieces = min(left, line.quantity)
                sum += pieces * line.unitPrice
                left -= pieces
            }
            return sum
        }

        private static func bounds(_ usable: [Entry], _ cart: CouponCart) -> [Int64] {
            var bounds = [Int64](repeating: 0, count: usable.count + 1)
            var largest: [String: Int64] = [:]
            var sum: Int64 = 0
            for index in usable.indices.reversed() {
                let (stacking, amount) = (usable[index].candidate.rule.stacking, most(usable[index], cart))
                switch stacking.mode {
                case .sum: sum += amount
                case .bestOf:
                    let before = largest[stacking.group] ?? 0
                    largest[stacking.group] = max(before, amount)
                    sum += max(before, amount) - before
                case .exclusive: break
                }
                // One that is exclusive stands alone.
                bounds[index] = max(sum, stacking.mode == .exclusive ? amount : 0, bounds[index + 1])
            }
            return bounds
        }

        mutating func run() { go(on: 0, chosen: []) }

        private mutating func go(on index: Int, chosen: [Entry]) {
            looked += 1
            guard looked <= CouponLimits.combinationsMax else {
                isProved = false
                return
            }
            let here = chosen.isEmpty ? 0 : check.combined(chosen).amount
            if here > amount {
                amount = here
                best = chosen
            }
            guard index < usable.count, chosen.count < CouponLimits.couponsPerOrder else { return }
            for next in index..<usable.count {
                guard min(here + bounds[next], whole) > amount else { return }
                let entry = usable[next]
                guard chosen.allSatisfy({ $0.allows(entry) }) else { continue }
                go(on: next + 1, chosen: chosen + [entry])
            }
        }
    }
}

extension CouponCheck.Entry {
    fileprivate func allows(_ other: CouponCheck.Entry) -> Bool {
        candidate.rule.stacking.allows(other.candidate.rule.stacking)
    }
}
