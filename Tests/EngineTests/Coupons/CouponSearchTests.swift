import Testing

@testable import Engine

@Suite("The search for the best coupons")
struct CouponSearchTests {
    private typealias Rules = CouponRuleTests

    @Test("it finds what the same search finds that makes every combination anew, also where it stops looking")
    func plain() {
        var random = SeededGenerator(seed: 23)
        var proved: Set<Bool> = []
        for number in 0..<12 {
            let cart = Rules.cart(
                (0..<5).map { _ in Int64.random(in: 1...900, using: &random) }, quantity: 2, shipping: 300)
            let rules = (0..<10 + number * 3).map { _ in Self.drawn(&random, addsUp: number % 2 == 1) }
            let check = CouponCheck(cart, nil, at: Rules.now, Rules.calendar)
            let entries = rules.enumerated().map { check.entry(Rules.candidate($1, id: Int64($0 + 1))) }
                .filter { $0.refusals.isEmpty && $0.discount.amount > 0 }
                .sorted {
                    let (left, right) = ($0.candidate, $1.candidate)
                    return (left.rule.benefit.turn, left.coupon.id) < (right.rule.benefit.turn, right.coupon.id)
                }
            var search = CouponSearch(entries, cart, check.remainder)
            search.run()
            var plain = Plain(check, entries)
            plain.go(on: 0, [])
            #expect(search.best == plain.best)
            #expect(search.amount == plain.amount && search.isProved == plain.isProved)
            #expect(search.taken(search.best) == search.amount)
            proved.insert(search.isProved)
        }
        #expect(proved == [true, false])
    }

    private static func drawn(_ random: inout SeededGenerator, addsUp: Bool) -> CouponRule {
        let benefit: CouponBenefit =
            switch Int.random(in: 0...3, using: &random) {
            case 0: .amount(Int64.random(in: 1...60, using: &random), keepsRest: false)
            case 1: .percent(Int64.random(in: 1...1_000, using: &random), max: 400)
            case 2: .freeItem(skus: ["S0", "S1"], quantity: 2)
            default: .shipping(max: 200)
            }
        return Rules.rule(benefit) {
            if Bool.random(using: &random) { $0.categories.only = ["tea"] }
            $0.stacking = CouponStacking(
                group: String(Int.random(in: 0...5, using: &random)),
                mode: addsUp ? .sum : [.exclusive, .bestOf, .bestOf, .sum, .sum][Int.random(in: 0...4, using: &random)])
        }
    }

    /// Branch and bound in its plainest form.
    private struct Plain {
        typealias Rest = (one: Int64, all: Int64)

        let check: CouponCheck
        let entries: [CouponCheck.Entry]
        /// Places of entries, what takes off the most first.
        let order: [Int]
        /// What each group has to give from an index on, and what those that stand alone have.
        var rests: [[String: Rest]] = []
        var alone: [Int64] = []
        var best: [Int] = []
        var amount: Int64 = 0
        var isProved = true
        var looked = 0

        init(_ check: CouponCheck, _ entries: [CouponCheck.Entry]) {
            self.check = check
            self.entries = entries
            order = entries.indices.sorted {
                let (left, right) = (entries[$0], entries[$1])
                return left.discount.amount != right.discount.amount
                    ? left.discount.amount > right.discount.amount
                    : left.candidate.coupon.id < right.candidate.coupon.id
            }
            for index in 0...order.count {
                var (groups, most): ([String: Rest], Int64) = ([:], 0)
                for entry in order[index...].map({ entries[$0] }) {
                    let (stacking, gives) = (entry.candidate.rule.stacking, Self.most(entry, check.cart))
                    var rest = groups[stacking.group] ?? (0, 0)
                    switch stacking.mode {
                    case .sum: rest.all += gives
                    case .bestOf: rest.one = max(rest.one, gives)
                    case .exclusive: most = max(most, gives)
                    }
                    groups[stacking.group] = rest
                }
                rests.append(groups)
                alone.append(most)
            }
        }

        private static func most(_ entry: CouponCheck.Entry, _ cart: CouponCart) -> Int64 {
            CouponTake(entry.candidate.rule, left: entry.candidate.coupon.left, cart)
                .most(alone: entry.discount.amount)
        }

        mutating func go(on index: Int, _ chosen: [Int]) {
            looked += 1
            guard looked <= CouponLimits.combinationsMax else {
                isProved = false
                return
            }
            let here = check.combined(chosen.map { entries[$0] }).amount
            if here > amount { (amount, best) = (here, chosen.sorted()) }
            guard chosen.count < CouponLimits.couponsPerOrder else { return }
            let whole = check.remainder.sum
            for next in index..<order.count {
                guard isProved, min(here + reach(next, chosen), whole) > amount else { return }
                let stacking = entries[order[next]].candidate.rule.stacking
                guard chosen.allSatisfy({ entries[$0].candidate.rule.stacking.allows(stacking) }) else { continue }
                go(on: next + 1, chosen + [order[next]])
            }
        }

        private func reach(_ index: Int, _ chosen: [Int]) -> Int64 {
            let taken = chosen.map { entries[$0].candidate.rule.stacking }
            guard !taken.contains(where: { $0.mode == .exclusive }) else { return 0 }
            var sum: Int64 = 0
            for (group, rest) in rests[index] {
                let own = taken.filter { $0.group == group }
                if own.isEmpty {
                    sum += max(rest.one, rest.all)
                } else if own.allSatisfy({ $0.mode == .sum }) {
                    sum += rest.all
                }
            }
            return chosen.isEmpty ? max(sum, alone[index]) : sum
        }
    }
}
