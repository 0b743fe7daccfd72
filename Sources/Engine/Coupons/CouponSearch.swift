/// Which of some coupons take off the most together: branch and bound over those that apply, the largest first.
///
/// What a branch can still reach is bounded by the most that each group of stacking has left to give: one of those that
/// exclude each other, or all that add up, and nothing of a group whose one is chosen; and by what there is to take.
struct CouponSearch {
    private struct Part {
        var entry: Int
        /// In the order of application.
        var rank: Int
        var group: Int
        var mode: CouponStacking.Mode
        var take: CouponTake
    }

    /// What one group has to give from an index on.
    private struct Rest {
        var one: [Int64]
        var all: [Int64]
    }

    private enum Chosen { case nothing, some, closed }

    /// Places of the best in the entries that were handed over.
    private(set) var best: [Int] = []
    private(set) var amount: Int64 = 0
    /// False: more combinations than are looked at.
    private(set) var isProved = true

    private let remainder: CouponRemainder
    private var parts: [Part] = []
    private var rests: [Rest] = []
    /// The most that one which stands alone takes off, from an index on.
    private var alone: [Int64] = []
    private let whole: Int64
    private var looked = 0

    /// Entries in the order of application.
    init(_ entries: [CouponCheck.Entry], _ cart: CouponCart, _ remainder: CouponRemainder) {
        self.remainder = remainder
        whole = remainder.lines.reduce(remainder.shipping, +)
        var groups: [String: Int] = [:]
        let order = entries.indices.sorted {
            (entries[$0].discount.amount, entries[$1].candidate.coupon.id)
                > (entries[$1].discount.amount, entries[$0].candidate.coupon.id)
        }
        parts = order.map { index in
            let candidate = entries[index].candidate
            let stacking = candidate.rule.stacking
            let group = groups[stacking.group] ?? groups.count
            groups[stacking.group] = group
            return Part(
                entry: index, rank: index, group: group, mode: stacking.mode,
                take: CouponTake(candidate.rule, left: candidate.coupon.left, cart))
        }
        let none = [Int64](repeating: 0, count: parts.count + 1)
        rests = [Rest](repeating: Rest(one: none, all: none), count: groups.count)
        alone = none
        for index in parts.indices.reversed() {
            for group in rests.indices {
                rests[group].one[index] = rests[group].one[index + 1]
                rests[group].all[index] = rests[group].all[index + 1]
            }
            let (group, most) = (
                parts[index].group, parts[index].take.most(alone: entries[order[index]].discount.amount)
            )
            alone[index] = alone[index + 1]
            switch parts[index].mode {
            case .sum: rests[group].all[index] += most
            case .bestOf: rests[group].one[index] = max(rests[group].one[index], most)
            case .exclusive: alone[index] = max(alone[index], most)
            }
        }
    }

    mutating func run() {
        go(on: 0, chosen: [], [Chosen](repeating: .nothing, count: rests.count))
        best = best.map { parts[$0].entry }
    }

    private mutating func go(on index: Int, chosen: [Int], _ groups: [Chosen]) {
        looked += 1
        guard looked <= CouponLimits.combinationsMax else {
            isProved = false
            return
        }
        let here = taken(chosen)
        if here > amount {
            amount = here
            best = chosen
        }
        guard chosen.count < CouponLimits.couponsPerOrder else { return }
        for next in index..<parts.count {
            guard isProved, min(here + reach(next, chosen.isEmpty, groups), whole) > amount else { return }
            let part = parts[next]
            var after = groups
            switch part.mode {
            case .exclusive:
                guard chosen.isEmpty else { continue }
                for group in after.indices { after[group] = .closed }
            case .bestOf:
                guard groups[part.group] == .nothing else { continue }
                after[part.group] = .closed
            case .sum:
                guard groups[part.group] != .closed else { continue }
                after[part.group] = .some
            }
            // Kept in the order of application.
            var with = chosen
            with.insert(next, at: with.firstIndex { parts[$0].rank > part.rank } ?? with.count)
            go(on: next + 1, chosen: with, after)
        }
    }

    private func taken(_ chosen: [Int]) -> Int64 {
        var remainder = remainder
        var sum: Int64 = 0
        for index in chosen {
            let taken = parts[index].take.take(from: &remainder)
            sum += taken.lines.reduce(taken.shipping, +)
        }
        return sum
    }

    private func reach(_ index: Int, _ isFirst: Bool, _ groups: [Chosen]) -> Int64 {
        var sum: Int64 = 0
        for (rest, chosen) in zip(rests, groups) {
            switch chosen {
            case .nothing: sum += max(rest.one[index], rest.all[index])
            case .some: sum += rest.all[index]
            case .closed: break
            }
        }
        return isFirst ? max(sum, alone[index]) : sum
    }
}
