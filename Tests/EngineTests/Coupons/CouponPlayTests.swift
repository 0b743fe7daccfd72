import Storage
import TestSupport
import Testing

@testable import Engine

/// Random lives of coupons: whatever is refused, whatever comes again, limits hold and counts are what happened.
@Suite("Random lives of coupons", .serialized)
struct CouponPlayTests {
    private static func rules(_ end: Timestamp) -> [CouponRule] {
        var limited = CouponRuleTests.rule(.amount(700, keepsRest: false))
        limited.limits = CouponRuleLimits(issued: 12, used: 4, usedPerPerson: 2)
        limited.stacking = CouponStacking(group: "a", mode: .sum)
        var rest = CouponRuleTests.rule(.amount(3_000, keepsRest: true))
        rest.stacking = CouponStacking(group: "b", mode: .sum)
        var share = CouponRuleTests.rule(.percent(1_234, max: 300))
        share.limits.used = 6
        share.validity.until = end
        return [limited, rest, share]
    }

    @Test(
        "limits hold, discounts add up, nothing is below nothing, counts rebuilt from history are the same",
        arguments: StoreKind.allCases)
    func play(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            var random = SeededGenerator(seed: 3)
            let people = [try await world.person("ann"), try await world.person("bob")]
            let rules = Self.rules(world.clock.now.adding(milliseconds: 2_500_000))
            var definitions: [Int64] = []
            for (index, rule) in rules.enumerated() { definitions.append(try await world.define(rule, "d\(index)")) }
            var codes: [String] = []
            for (index, id) in definitions.enumerated() where rules[index].benefit.keepsRest == false {
                codes.append(try await world.share(id, "ALL\(index)").code)
            }
            var done = 0
            for step in 0..<180 {
                let person = people[Int.random(in: 0...1, using: &random)]
                let order = "o\(Int.random(in: 0..<25, using: &random))"
                let code = codes.randomElement(using: &random) ?? ""
                let cart = CouponRuleTests.cart(
                    [Int64.random(in: 0...2_000, using: &random), 999], quantity: 2, shipping: 100)
                do {
                    switch Int.random(in: 0...9, using: &random) {
                    case 0, 1:
                        let id = definitions[Int.random(in: 0...2, using: &random)]
                        codes.append(try await world.issue(id, to: person, "k\(step)").code)
                    case 2, 3: try await world.lock(order, [code], by: person, seconds: 120, cart: cart)
                    case 4, 5: try await world.redeem(order, [code], by: person, cart: cart)
                    case 6: try await world.redeem(order, [code], cart: nil)
                    case 7:
                        try await world.giveBack(order, ["l\(Int.random(in: 0...1, using: &random))": 1], "r\(step)")
                    case 8: try await world.giveBack(order, nil, "r\(step)")
                    default:
                        world.clock.advance(milliseconds: 45_000)
                        try await world.work()
                    }
                    done += 1
                } catch is CouponError {}
                if step % 20 == 0 { try await Self.hold(world, definitions, rules) }
            }
            try await Self.hold(world, definitions, rules)
            #expect(done > 60)
        }
    }

    private static func hold(_ world: CouponWorld, _ definitions: [Int64], _ rules: [CouponRule]) async throws {
        #expect(try await CouponVerification.run(world.platform).flaws == [])
        let uses = try await world.platform.store.read { try CouponRows.uses("1 = 1", $0) }
        for (id, rule) in zip(definitions, rules) {
            let own = uses.filter { $0.definitionID == id }
            let live = own.filter { $0.state.isLive }
            let tally = try await world.definition(id).tally
            #expect(live.count <= Int(rule.limits.used ?? .max) && tally.used == Int64(live.count))
            #expect(tally.issued <= rule.limits.issued ?? .max)
            #expect(tally.discount == own.reduce(0) { $0 + $1.standing })
            for count in Dictionary(grouping: live, by: \.profileID).values {
                #expect(count.count <= Int(rule.limits.usedPerPerson ?? .max))
            }
            #expect(own.allSatisfy { $0.standing >= 0 && $0.standing <= $0.discount.amount })
        }
        let spent = Dictionary(grouping: uses, by: \.couponID).mapValues { $0.reduce(0) { $0 + $1.standing } }
        for (coupon, amount) in spent {
            let found = try await world.coupon(coupon)
            if let left = found.left, found.definitionID == definitions[1] { #expect(left + amount == 3_000) }
        }
    }
}
