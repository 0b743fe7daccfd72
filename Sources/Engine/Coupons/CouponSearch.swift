/// Which of some coupons take off the most together: branch and bound over those that apply, the largest first.
///
/// What a branch can still reach is bounded by the most that each group of stacking has left to give: one of those that
/// exclude each other, or all that add up, and nothing of a group whose one is chosen; and by what there is to take.
///
/// What is left of the cart is kept before and after each coupon of the branch, so that one more is reckoned from where
/// it is applied on, and nothing is made anew for a combination that is looked at.
struct CouponSearch {
    private struct Part {
        var entry: Int
        var group: Int
        var mode: CouponStacking.Mode
        /// What its group has to give with it and those behind it, and with those behind it only.
        var rest: Rest
        var after: Rest
    }

    /// What one group has to give.
    private struct Rest {
        var one: Int64 = 0
        var all: Int64 = 0

        func reach(_ chosen: Chosen) -> Int64 {
            switch chosen {
            case .nothing: max(one, all)
            case .some: all
            case .closed: 0
            }
        }
    }

    private enum Chosen { case nothing, some, closed }

    /// Places of the best in the entries that were handed over, in the order of application.
    private(set) var best: [Int] = []
    private(set) var amount: Int64 = 0
    /// False: more combinations than are looked at.
    private(set) var isProved = true

    private let remainder: CouponRemainder
    private let takes: [CouponTake]
    private var parts: [Part] = []
    /// The most that one which stands alone takes off, from an index on.
    private var alone: [Int64] = []
    private let whole: Int64
    private var looked = 0

    /// The branch: places of entries, ascending; what of each group is in it; and for each number of coupons, one
    /// behind the other, what is left of the cart before the first of them, and after each.
    private var chosen: [Int] = []
    private var groups: [Chosen]
    private var left: [Int64]
    private var odd: [CouponMath.Odd] = []

    /// Entries in the order of application.
    init(_ entries: [CouponCheck.Entry], _ cart: CouponCart, _ remainder: CouponRemainder) {
        self.remainder = remainder
        whole = remainder.sum
        takes = entries.map { CouponTake($0.candidate.rule, left: $0.candidate.coupon.left, cart) }
        var numbers: [String: Int] = [:]
        for entry in CouponCheck.ranked(entries) {
            let stacking = entries[entry].candidate.rule.stacking
            let group = numbers[stacking.group] ?? numbers.count
            numbers[stacking.group] = group
            parts.append(Part(entry: entry, group: group, mode: stacking.mode, rest: Rest(), after: Rest()))
        }
        groups = [Chosen](repeating: .nothing, count: numbers.count)
        let deepest = min(parts.count, CouponLimits.couponsPerOrder)
        left = [Int64](repeating: 0, count: (deepest + 1) * (deepest + 2) / 2 * remainder.amounts.count)
        for (place, amount) in remainder.amounts.enumerated() { left[place] = amount }
        alone = [Int64](repeating: 0, count: parts.count + 1)
        var rests = [Rest](repeating: Rest(), count: groups.count)
        for index in parts.indices.reversed() {
            let part = parts[index]
            let most = takes[part.entry].most(alone: entries[part.entry].discount.amount)
            parts[index].after = rests[part.group]
            alone[index] = alone[index + 1]
            switch part.mode {
            case .sum: rests[part.group].all += most
            case .bestOf: rests[part.group].one = max(rests[part.group].one, most)
            case .exclusive: alone[index] = max(alone[index], most)
            }
            parts[index].rest = rests[part.group]
        }
        reach = rests.reduce(0) { $0 + $1.reach(.nothing) }
    }

    /// What all groups have to give together.
    private let reach: Int64

    mutating func run() { go(on: 0, reaching: reach) }

    /// What some entries take off together, told by their places in the order of application.
    mutating func taken(_ entries: [Int]) -> Int64 {
        var amounts = remainder.amounts
        for entry in entries { takes[entry].take(from: &amounts, at: 0, &odd) }
        return whole - amounts.reduce(0, +)
    }

    /// `reaching`: the most that the groups have to give from an index on, those that stand alone aside.
    private mutating func go(on index: Int, reaching most: Int64) {
        looked += 1
        guard looked <= CouponLimits.combinationsMax else {
            isProved = false
            return
        }
        let here = takenByBranch
        if here > amount {
            amount = here
            best = chosen
        }
        guard chosen.count < CouponLimits.couponsPerOrder else { return }
        var reach = most
        for next in index..<parts.count {
            let bound = chosen.isEmpty ? max(reach, alone[next]) : reach
            guard isProved, min(here + bound, whole) > amount else { return }
            let part = parts[next]
            guard part.mode != .exclusive else {
                if chosen.isEmpty { goAlone(part, on: next + 1) }
                continue
            }
            let state = groups[part.group]
            // From one index to the next only the part's own group has less to give.
            let others = reach - part.rest.reach(state)
            reach = others + part.after.reach(state)
            guard state == .nothing || (state == .some && part.mode == .sum) else { continue }
            groups[part.group] = part.mode == .sum ? .some : .closed
            go(with: part, on: next + 1, reaching: others + part.after.reach(groups[part.group]))
            groups[part.group] = state
        }
    }

    private mutating func goAlone(_ part: Part, on index: Int) {
        for group in groups.indices { groups[group] = .closed }
        go(with: part, on: index, reaching: 0)
        for group in groups.indices { groups[group] = .nothing }
    }

    private mutating func go(with part: Part, on index: Int, reaching most: Int64) {
        let place = chosen.firstIndex { $0 > part.entry } ?? chosen.count
        let before = start
        chosen.insert(part.entry, at: place)
        let width = remainder.amounts.count
        // Those that are applied before it take what they took.
        for offset in 0..<(place + 1) * width { left[start + offset] = left[before + offset] }
        for number in place..<chosen.count {
            let next = start + (number + 1) * width
            for offset in next..<next + width { left[offset] = left[offset - width] }
            takes[chosen[number]].take(from: &left, at: next, &odd)
        }
        go(on: index, reaching: most)
        chosen.remove(at: place)
    }

    /// Where what is left for so many coupons begins.
    private var start: Int { chosen.count * (chosen.count + 1) / 2 * remainder.amounts.count }

    /// What the branch takes off.
    private var takenByBranch: Int64 {
        let width = remainder.amounts.count
        let last = start + chosen.count * width
        var sum: Int64 = 0
        for offset in last..<last + width { sum += left[offset] }
        return whole - sum
    }
}
