import Testing

@testable import Engine

@Suite("Coupons together")
struct CouponCombinationTests {
    private typealias Rules = CouponRuleTests

    private static func best(
        _ rules: [CouponRule], _ cart: CouponCart
    ) -> (ids: [Int64], amount: Int64, combination: CouponCombination) {
        let check = CouponCheck(cart, nil, at: Rules.now, Rules.calendar)
        let entries = rules.enumerated().map { check.entry(Rules.candidate($1, id: Int64($0 + 1))) }
        let best = check.best(of: entries)
        return (best.parts.map(\.couponID).sorted(), best.amount, best)
    }

    private static func amount(_ amount: Int64, _ group: String, _ mode: CouponStacking.Mode) -> CouponRule {
        Rules.rule(.amount(amount, keepsRest: false)) { $0.stacking = CouponStacking(group: group, mode: mode) }
    }

    @Test("one of a group, with others of other groups; an exclusive one alone when it gives more")
    func stacking() {
        let rules = [
            Self.amount(100, "a", .bestOf), Self.amount(120, "a", .bestOf), Self.amount(50, "b", .sum),
            Self.amount(30, "b", .sum), Self.amount(190, "", .exclusive),
        ]
        #expect(Self.best(rules, Rules.cart([10_000])).ids == [2, 3, 4])
        #expect(Self.best(rules + [Self.amount(201, "", .exclusive)], Rules.cart([10_000])).ids == [6])
    }

    @Test("a coupon that adds nothing is left out, so that it is not wasted")
    func notWasted() {
        let rules = [Self.amount(500, "a", .sum), Self.amount(400, "b", .sum), Self.amount(100, "c", .sum)]
        let best = Self.best(rules, Rules.cart([500]))
        #expect(best.amount == 500 && best.ids == [1])
    }

    @Test("the best of small wallets is that of trying every combination; lines are never below nothing")
    func exhaustive() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<150 {
            let cart = Rules.cart(
                (0..<4).map { _ in Int64.random(in: 0...900, using: &random) }, quantity: 2, shipping: 300)
            let rules = (0..<7).map { _ in Self.drawn(&random) }
            let check = CouponCheck(cart, nil, at: Rules.now, Rules.calendar)
            let entries = rules.enumerated().map { check.entry(Rules.candidate($1, id: Int64($0 + 1))) }
            let usable = entries.filter { $0.refusals.isEmpty }
            var most: Int64 = 0
            for subset in 0..<(1 << usable.count) {
                let chosen = usable.indices.filter { subset >> $0 & 1 == 1 }.map { usable[$0] }
                guard check.conflicts(chosen).isEmpty else { continue }
                most = max(most, check.combined(chosen).amount)
            }
            let best = check.best(of: entries)
            #expect(best.amount == most && best.isProved)
            var left = cart.lines.map(\.amount)
            for part in best.parts {
                for (index, share) in part.discount.shares.enumerated() { left[index] -= share.amount }
            }
            #expect(left.allSatisfy { $0 >= 0 })
        }
    }

    private static func drawn(_ random: inout SeededGenerator) -> CouponRule {
        let benefit: CouponBenefit =
            switch Int.random(in: 0...3, using: &random) {
            case 0: .amount(Int64.random(in: 1...600, using: &random), keepsRest: false)
            case 1: .percent(Int64.random(in: 1...10_000, using: &random), max: 400)
            case 2: .freeItem(skus: ["S0", "S1"], quantity: 2)
            default: .shipping(max: 200)
            }
        return Rules.rule(benefit) {
            if Bool.random(using: &random) { $0.categories.only = ["tea"] }
            $0.stacking = CouponStacking(
                group: ["a", "b", "c"][Int.random(in: 0...2, using: &random)],
                mode: [.exclusive, .bestOf, .bestOf, .sum, .sum][Int.random(in: 0...4, using: &random)])
        }
    }
}
