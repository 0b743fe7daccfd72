import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Coupons of orders", .serialized)
struct CouponOrderTests {
    static let fifty = CouponRuleTests.rule(.amount(5_000, keepsRest: false))

    @Test("a retry redeems once; another cart for the same order is refused", arguments: StoreKind.allCases)
    func retry(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            let coupon = try await world.issue(try await world.define(Self.fifty), to: ann, "k1")
            let first = try await world.redeem("o1", [coupon.code], by: ann)
            let again = try await world.redeem("o1", [coupon.code], by: ann)
            #expect(!first.isRepeat && again.isRepeat && again.uses[0].use == first.uses[0].use)
            await #expect(throws: CouponError.orderReused("o1")) {
                try await world.redeem("o1", [coupon.code], by: ann, cart: CouponRuleTests.cart([9_999]))
            }
            #expect(try await world.refusals { try await world.redeem("o2", [coupon.code], by: ann) } == [.redeemed])
            #expect(try await world.definition(coupon.definitionID).tally.redeemed == 1)
            #expect(try await world.said() == ["Coupon Issued", "Coupon Redeemed"])
        }
    }

    @Test(
        "a coupon limit of 1 asked for by 64 requests at once gives exactly 1: a shared code, a definition, a person, a coupon",
        arguments: StoreKind.allCases)
    func sixtyFour(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            var one = Self.fifty
            one.limits.used = 1
            let limited = try await world.define(one, "one in all")
            for number in 0..<8 { _ = try await world.share(limited, "ALL-\(number)") }
            one.limits = CouponRuleLimits(usedPerPerson: 1)
            _ = try await world.share(try await world.define(one, "one each"), "EACH")
            _ = try await world.share(try await world.define(Self.fifty, "open"), "ONCE", usesMax: 1)
            let own = try await world.issue(try await world.define(Self.fifty, "own"), to: ann, "k")
            func done(_ code: @escaping @Sendable (Int) -> String) async throws -> Int {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for till in 0..<64 {
                        group.addTask {
                            do {
                                let code = code(till)
                                if till % 2 == 0 {
                                    try await world.redeem("\(code)-\(till)", [code], by: ann)
                                } else {
                                    try await world.lock("\(code)-\(till)", [code], by: ann)
                                }
                                return true
                            } catch CouponError.refused { return false }
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
            }
            #expect(try await done { "ALL-\($0 % 8)" } == 1)
            #expect(try await done { _ in "EACH" } == 1)
            #expect(try await done { _ in "ONCE" } == 1)
            #expect(try await done { _ in own.code } == 1)
            var issued = Self.fifty
            issued.limits.issued = 1
            let few = try await world.define(issued, "one issued")
            let given = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        do {
                            _ = try await world.issue(few, to: ann, "k\(number)")
                            return true
                        } catch CouponError.issueLimit { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(given == 1)
        }
    }

    @Test(
        "a lock holds through a pause and its coupon's end, and times out when it is due", arguments: StoreKind.allCases
    )
    func locks(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            var rule = Self.fifty
            rule.validity.until = world.clock.now.adding(milliseconds: 300_000)
            let id = try await world.define(rule)
            let coupon = try await world.issue(id, to: ann, "k1")
            let other = try await world.issue(id, to: ann, "k2")
            try await world.lock("o1", [coupon.code], by: ann)
            try await world.lock("o1", [coupon.code], by: ann, seconds: 900)
            #expect(try await world.definition(id).tally.open == 1)
            let refused = try await world.refusals { try await world.redeem("o2", [coupon.code], by: ann) }
            #expect(refused == [.locked(until: world.clock.now.adding(milliseconds: 900_000))])
            _ = try await world.platform.store.write { [clock = world.clock] in
                try CouponDefinitions.set(.paused, id, at: clock.now, $0)
            }
            #expect(try await world.refusals { try await world.redeem("o3", [other.code], by: ann) } == [.paused])
            world.clock.advance(milliseconds: 600_000)
            try await world.work()
            #expect(try await world.coupon(other.id).state == .expired)
            #expect(try await world.coupon(coupon.id).state == .locked)
            let used = try await world.redeem("o1", [coupon.code], cart: nil)
            #expect(used.uses[0].use.profileID == ann && used.uses[0].use.standing == 5_000)
            #expect(try await world.redeem("o1", [coupon.code], cart: nil).isRepeat)
        }
    }

    @Test("a lock that timed out is over: it cannot be redeemed, and the coupon lapses", arguments: StoreKind.allCases)
    func timeout(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            var rule = Self.fifty
            rule.validity.until = world.clock.now.adding(milliseconds: 50_000)
            let coupon = try await world.issue(try await world.define(rule), to: ann, "k1")
            try await world.lock("o1", [coupon.code], by: ann, seconds: 60)
            world.clock.advance(milliseconds: 60_000)
            await #expect(throws: CouponError.orderNotFound("o1")) {
                try await world.redeem("o1", [coupon.code], cart: nil)
            }
            try await world.work()
            #expect(try await world.coupon(coupon.id).state == .expired)
            let history = try await world.platform.store.read { try CouponList.history(of: coupon.id, $0) }
            #expect(history.map(\.entry.kind) == [.expired, .timedOut, .locked, .issued])
            #expect(history[1].entry.at == world.clock.now.adding(milliseconds: -31_000))
            #expect(
                try await world.said() == ["Coupon Issued", "Coupon Locked", "Coupon Unlocked", "Coupon Expired"])
        }
    }

    @Test(
        "any split of returned pieces gives back the same; when all have come back the coupon is as before",
        arguments: StoreKind.allCases)
    func returns(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            let coupon = try await world.issue(try await world.define(Self.fifty), to: ann, "k1")
            let cart = CouponRuleTests.cart([3_333, 1_111], quantity: 3)
            try await world.redeem("o1", [coupon.code], by: ann, cart: cart)
            try await world.giveBack("o1", ["l0": 1], "r1")
            #expect(try await world.giveBack("o1", ["l0": 1], "r1").isRepeat)
            await #expect(throws: CouponError.keyReused("r1")) { try await world.giveBack("o1", ["l0": 2], "r1") }
            await #expect(throws: CouponError.lineQuantity(line: "l0", left: 2)) {
                try await world.giveBack("o1", ["l0": 3], "r2")
            }
            await #expect(throws: CouponError.lineNotFound("l9")) { try await world.giveBack("o1", ["l9": 1], "r2") }
            #expect(try await world.coupon(coupon.id).state == .redeemed)
            try await world.giveBack("o1", ["l0": 2, "l1": 1], "r2")
            try await world.giveBack("o1", ["l1": 2], "r3")
            #expect(try await world.coupon(coupon.id).state == .issued)
            let tally = try await world.definition(coupon.definitionID).tally
            #expect(tally.discount == 0 && tally.redeemed == 0)
            await #expect(throws: CouponError.orderNotFound("o1")) { try await world.giveBack("o1", nil, "r4") }
            await #expect(throws: CouponError.orderNotFound("o7")) { try await world.giveBack("o7", nil, "r4") }
            try await world.redeem("o2", [coupon.code], by: ann, cart: cart)
        }
    }

    @Test(
        "an amount that keeps its rest serves several orders and never goes below nothing",
        arguments: StoreKind.allCases)
    func rest(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            let rule = CouponRuleTests.rule(.amount(5_000, keepsRest: true))
            let coupon = try await world.issue(try await world.define(rule), to: ann, "k1")
            try await world.redeem("o1", [coupon.code], by: ann, cart: CouponRuleTests.cart([2_000]))
            #expect(try await world.coupon(coupon.id).left == 3_000)
            try await world.redeem("o2", [coupon.code], by: ann, cart: CouponRuleTests.cart([9_000]))
            let spent = try await world.coupon(coupon.id)
            #expect(spent.left == 0 && spent.state == .redeemed)
            try await world.giveBack("o1", nil, "r1")
            let back = try await world.coupon(coupon.id)
            #expect(back.left == 2_000 && back.state == .issued)
        }
    }

    @Test("coupons of one order stand beside each other, in one call or in several", arguments: StoreKind.allCases)
    func together(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            let first = try await world.issue(try await world.define(Self.fifty, "a"), to: ann, "k1")
            let second = try await world.issue(try await world.define(Self.fifty, "b"), to: ann, "k2")
            let both = [first.code, second.code]
            let refused = try await world.refusals { try await world.redeem("o1", both, by: ann) }
            #expect(refused?.count == 1 && refused?[0].code == "stacking")
            #expect(try await world.coupon(first.id).state == .issued)
            try await world.lock("o1", [first.code], by: ann)
            let later = try await world.refusals { try await world.redeem("o1", [second.code], by: ann) }
            #expect(later == [.stacking(with: first.code)])
            var third = CouponRuleTests.rule(.percent(1_000, max: nil))
            third.stacking.group = "share"
            let share = try await world.issue(try await world.define(third, "c"), to: ann, "k3")
            let used = try await world.redeem("o1", [share.code], by: ann)
            // A tenth of what the lock leaves.
            #expect(used.uses[0].use.standing == 500)
        }
    }

    @Test("somebody else's coupon, guessed codes and clocks that are off are refused", arguments: StoreKind.allCases)
    func strangers(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let (ann, bob) = (try await world.person("ann"), try await world.person("bob"))
            let coupon = try await world.issue(try await world.define(Self.fifty), to: ann, "k1")
            #expect(try await world.refusals { try await world.redeem("o1", [coupon.code], by: bob) } == [.notYours])
            #expect(try await world.refusals { try await world.redeem("o1", [coupon.code]) } == [.notYours])
            await #expect(throws: CouponError.notYours) {
                try await CouponIssuing.claim(code: coupon.code, by: bob, actor: "test", world.platform)
            }
            var late = CouponRuleTests.cart([100])
            late.at = world.clock.now.adding(milliseconds: 3_600_000)
            await #expect(throws: CouponError.clockSkew(minutesMax: 15)) {
                try await world.redeem("o1", [coupon.code], by: ann, cart: late)
            }
            for number in 0..<CouponLimits.attemptsByPerson {
                let question = Coupons.Question(
                    codes: ["GUESS\(number)"], profile: bob, cart: CouponRuleTests.cart([100]))
                let answer = try await Coupons.validate(question, by: "till", world.platform)
                #expect(answer.items[0].refusals == [.unknown])
            }
            func ask(_ person: Int64, by till: CouponCaller = "till") async throws -> Coupons.Answer {
                try await Coupons.validate(
                    Coupons.Question(codes: [coupon.code], profile: person, cart: CouponRuleTests.cart([100])),
                    by: till, world.platform)
            }
            await #expect(throws: CouponError.throttled(seconds: 600)) { _ = try await ask(bob) }
            #expect(try await ask(ann).items[0].refusals == [])
            #expect(try await ask(bob, by: "other").items[0].refusals == [.notYours])
            world.clock.advance(milliseconds: CouponLimits.attemptsMS)
            #expect(try await ask(bob).items[0].rule == nil)
        }
    }
}
