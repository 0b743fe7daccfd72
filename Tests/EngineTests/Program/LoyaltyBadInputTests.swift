import Storage
import TestSupport
import Testing

@testable import Engine

/// Bad input to the loyalty program, a test for each kind: refused with the reason, nothing half done.
@Suite("Loyalty: bad input", .serialized)
struct LoyaltyBadInputTests {
    private static let currency = PointsCurrency(
        code: "points", transfer: PointsTransferPolicy(dailyMax: 100, feeBasisPoints: 1_000))

    private static func with(
        _ kind: StoreKind, rules: String = EarningWorld.base, _ body: (EarningWorld) async throws -> Void
    ) async throws {
        try await EarningWorld.with(kind, rules: rules, currency: currency) { world in
            try await body(world)
            #expect(try await CouponVerification.run(world.platform).flaws == [])
        }
    }

    /// Why it was refused. Everything that the ledger, coupons, claims, versions and the log hold is as it was.
    private static func refusal(
        _ world: EarningWorld, _ body: () async throws -> Void
    ) async throws -> (any Error)? {
        let before = try await state(world)
        do {
            try await body()
            return nil
        } catch {
            let after = try await state(world)
            #expect(after == before)
            return error
        }
    }

    private static func state(_ world: EarningWorld) async throws -> [String] {
        try await world.platform.store.read { connection in
            let queries: [SQL] = [
                "SELECT id, sequence, hash, coalesce(closed_ms, 0) FROM points_accounts ORDER BY id",
                "SELECT id, uses, sequence, state FROM coupons ORDER BY id",
                "SELECT count(*), 0, 0, '' FROM points_transactions", "SELECT count(*), 0, 0, '' FROM points_entries",
                "SELECT count(*), 0, 0, '' FROM coupon_uses", "SELECT count(*), 0, 0, '' FROM coupon_history",
                "SELECT count(*), 0, 0, '' FROM reward_claims", "SELECT count(*), 0, 0, '' FROM event_log",
                "SELECT id, number, 0, status FROM program_versions ORDER BY id",
            ]
            return try queries.flatMap { try connection.query($0).map { "\($0)" } }
        }
    }

    private static func points(
        _ world: EarningWorld, _ command: PointsCommand
    ) async throws -> PointsError? {
        try await refusal(world) { _ = try await Points.perform(command, world.platform) } as? PointsError
    }

    private static func award(_ account: Int64, _ amount: Int64, _ key: String, _ world: EarningWorld) async throws {
        _ = try await Points.perform(
            .award(account: account, currency: "points", PointsAward(key: key, amount: amount)), world.platform)
    }

    /// A coupon of ¥30 for a person.
    private static func coupon(
        _ world: EarningWorld, for person: Int64, _ change: (inout CouponRule) -> Void = { _ in }
    ) async throws -> Coupon {
        var rule = CouponRule(.amount(3_000, keepsRest: false), currency: "CNY")
        change(&rule)
        let (effects, made) = (world.platform.effects, rule)
        let definition = try await world.platform.store.write {
            try CouponDefinitions.create(
                name: "Thirty \(effects.newID())", made, by: "test", effects: effects, $0
            ).id
        }
        return try await CouponIssuing.issue(
            definition, to: person, key: "k\(definition)", by: "test", world.platform
        ).coupon
    }

    private static func redeem(
        _ world: EarningWorld, _ order: String, _ code: String, by person: Int64,
        cart: CouponCart = CouponRuleTests.cart([10_000])
    ) async throws {
        _ = try await CouponOrders.redeem(
            order: order, codes: [code], profile: person, cart: cart, by: "till", world.platform)
    }

    @Test("overdraw", arguments: StoreKind.allCases)
    func overdraw(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            try await Self.award(ann, 50, "a1", world)
            let until = world.clock.now.adding(days: 1)
            let short = PointsError.insufficient(available: 50, wanted: 51)
            let commands: [PointsCommand] = [
                .redeem(account: ann, currency: "points", 51, key: "k1", note: [:]),
                .donate(account: ann, currency: "points", 51, key: "k2", note: [:]),
                .reserve(account: ann, currency: "points", 51, until: until, key: "k3", note: [:]),
            ]
            for command in commands { #expect(try await Self.points(world, command) == short) }
            // The fee comes on top.
            let given = PointsCommand.transfer(from: ann, to: bob, currency: "points", 50, key: "k4", note: [:])
            #expect(try await Self.points(world, given) == .insufficient(available: 50, wanted: 55))
            _ = try await Points.perform(
                .reserve(account: ann, currency: "points", 20, until: until, key: "h1", note: [:]), world.platform)
            let captured = PointsCommand.capture(hold: "h1", 21, keepsRest: false, key: "k5", note: [:])
            #expect(try await Self.points(world, captured) == .holdTooSmall(held: 20, wanted: 21))
        }
    }

    @Test("negative and overflow amounts", arguments: StoreKind.allCases)
    func amounts(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann")
            try await Self.award(ann.id, 50, "a1", world)
            for amount in [0, -1, .min, .max, PointsLimits.amountMax + 1] as [Int64] {
                let wrong = PointsError.amount(amount, limit: PointsLimits.amountMax)
                let award = PointsAward(key: "x", amount: amount)
                #expect(
                    try await Self.points(world, .award(account: ann.id, currency: "points", award)) == wrong)
                #expect(
                    try await Self.points(
                        world, .redeem(account: ann.id, currency: "points", amount, key: "y", note: [:])) == wrong)
            }
            let coupon = try await Self.coupon(world, for: ann.profileID)
            for (quantity, price) in [(1, -1), (0, 100), (-1, 100), (1, .max), (1_000_000, 1_000_000_000_000)]
                as [(Int64, Int64)]
            {
                let cart = CouponCart(
                    [CouponCart.Line(id: "1", sku: "S", quantity: quantity, unitPrice: price)], currency: "CNY")
                let error = try await Self.refusal(world) {
                    try await Self.redeem(world, "o1", coupon.code, by: ann.profileID, cart: cart)
                }
                guard case .cart? = error as? CouponError else {
                    Issue.record("\(quantity) × \(price): \(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test("unknown members", arguments: StoreKind.allCases)
    func strangers(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann").id
            try await Self.award(ann, 50, "a1", world)
            let award = PointsCommand.award(account: 77, currency: "points", PointsAward(key: "x", amount: 1))
            #expect(try await Self.points(world, award) == .accountNotFound(77))
            let given = PointsCommand.transfer(from: ann, to: 77, currency: "points", 10, key: "t", note: [:])
            #expect(try await Self.points(world, given) == .accountNotFound(77))
            let error = try await Self.refusal(world) { _ = try await Self.coupon(world, for: 77) }
            #expect(error as? ProfileError == .notFound(77))
        }
    }

    @Test("other people's coupons", arguments: StoreKind.allCases)
    func others(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").profileID, try await world.member("bob").profileID)
            let coupon = try await Self.coupon(world, for: ann)
            let error = try await Self.refusal(world) { try await Self.redeem(world, "o1", coupon.code, by: bob) }
            guard case .refused(let refused)? = error as? CouponError else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(refused.flatMap(\.reasons) == [.notYours])
        }
    }

    @Test(
        "guessed codes are throttled, for one person soon, and the right code with them", arguments: StoreKind.allCases)
    func guesses(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann").profileID
            let coupon = try await Self.coupon(world, for: ann)
            for number in 0..<CouponLimits.attemptsByPerson {
                let error = try await Self.refusal(world) {
                    try await Self.redeem(world, "o1", "GUESS\(number)", by: ann)
                }
                guard case .refused(let refused)? = error as? CouponError else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(refused.flatMap(\.reasons) == [.unknown])
            }
            let error = try await Self.refusal(world) { try await Self.redeem(world, "o1", coupon.code, by: ann) }
            #expect(error as? CouponError == .throttled(seconds: 600))
        }
    }

    @Test("replayed and conflicting idempotency keys", arguments: StoreKind.allCases)
    func keys(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann")
            try await Self.award(ann.id, 50, "a1", world)
            func redeem(_ amount: Int64) -> PointsCommand {
                .redeem(account: ann.id, currency: "points", amount, key: "k1", note: [:])
            }
            let first = try await Points.perform(redeem(20), world.platform)
            let before = try await Self.state(world)
            let again = try await Points.perform(redeem(20), world.platform)
            let after = try await Self.state(world)
            #expect(again.isRepeat && again.transactions == first.transactions && after == before)
            #expect(try await Self.points(world, redeem(21)) == .keyReused("k1"))
            let coupon = try await Self.coupon(world, for: ann.profileID)
            try await Self.redeem(world, "o1", coupon.code, by: ann.profileID)
            try await Self.redeem(world, "o1", coupon.code, by: ann.profileID)
            let error = try await Self.refusal(world) {
                try await Self.redeem(
                    world, "o1", coupon.code, by: ann.profileID, cart: CouponRuleTests.cart([10_001]))
            }
            #expect(error as? CouponError == .orderReused("o1"))
        }
    }

    @Test("clock skew at the till", arguments: StoreKind.allCases)
    func skew(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann").profileID
            let coupon = try await Self.coupon(world, for: ann)
            for minutes in [-16, 16] as [Int64] {
                var cart = CouponRuleTests.cart([10_000])
                cart.at = world.clock.now.adding(milliseconds: minutes * 60_000)
                let asked = cart
                let error = try await Self.refusal(world) {
                    try await Self.redeem(world, "o1", coupon.code, by: ann, cart: asked)
                }
                #expect(error as? CouponError == .clockSkew(minutesMax: 15))
            }
        }
    }

    @Test("returns before orders: what is not there is not found, and an order that comes later is judged by both")
    func early() async throws {
        try await Self.with(.sqlite) { world in
            let ann = try await world.member("ann")
            #expect(
                try await Self.points(world, .reverse(award: "none", 1, key: "x", note: [:])) == .awardNotFound("none"))
            #expect(
                try await Self.points(world, .giveBack(redemption: "none", nil, key: "x", note: [:]))
                    == .redemptionNotFound("none"))
            let error = try await Self.refusal(world) {
                _ = try await CouponOrders.giveBack(
                    order: "none", lines: nil, key: "x", by: "till", world.platform)
            }
            #expect(error as? CouponError == .orderNotFound("none"))
            try await world.refund("o1", "ann", "r1", [("tea", 30, 1)])
            try await world.order("o1", "ann", [("tea", 30, 2)])
            #expect(try await world.balance("ann").available == 30)
            try await world.refund("o2", "ann", "r1", [("tea", 30, 1)])
            try await world.order("o2", "ann", [("tea", 30, 1)])
            #expect(try await world.balance("ann").available == 30)
            #expect(ann.closedAt == nil)
        }
    }

    @Test("double returns", arguments: StoreKind.allCases)
    func doubles(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 30, 2)])
            for _ in 0..<2 { try await world.refund("o1", "ann", "r1", [("tea", 30, 1)]) }
            #expect(try await world.balance("ann").available == 30)
            try await Self.award(ann.id, 10, "a1", world)
            _ = try await Points.perform(.reverse(award: "a1", 10, key: "x1", note: [:]), world.platform)
            #expect(
                try await Self.points(world, .reverse(award: "a1", 1, key: "x2", note: [:]))
                    == .exceedsOriginal(left: 0, wanted: 1))
            let coupon = try await Self.coupon(world, for: ann.profileID)
            try await Self.redeem(world, "o2", coupon.code, by: ann.profileID)
            func back(_ key: String) async throws {
                _ = try await CouponOrders.giveBack(order: "o2", lines: nil, key: key, by: "till", world.platform)
            }
            try await back("b1")
            let before = try await Self.state(world)
            try await back("b1")
            let after = try await Self.state(world)
            #expect(after == before)
            let error = try await Self.refusal(world) { try await back("b2") }
            #expect(error as? CouponError == .orderNotFound("o2"))
        }
    }

    @Test("lines that do not exist", arguments: StoreKind.allCases)
    func lines(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann").profileID
            let coupon = try await Self.coupon(world, for: ann)
            try await Self.redeem(world, "o1", coupon.code, by: ann)
            for (lines, reason) in [
                (["zz": 1], CouponError.lineNotFound("zz")), (["l0": 2], .lineQuantity(line: "l0", left: 1)),
            ] as [([String: Int64], CouponError)] {
                let error = try await Self.refusal(world) {
                    _ = try await CouponOrders.giveBack(
                        order: "o1", lines: lines, key: "b1", by: "till", world.platform)
                }
                #expect(error as? CouponError == reason)
            }
            try await world.order("o1", "ann", [("tea", 30, 2)])
            try await world.refund("o1", "ann", "r1", [("cup", 30, 1)])
            #expect(try await world.balance("ann").available == 60, "of the order's own lines nothing came back")
        }
    }

    @Test("currency mismatch", arguments: StoreKind.allCases)
    func currencies(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let ann = try await world.member("ann")
            try await Self.award(ann.id, 10, "a1", world)
            let miles = PointsCommand.redeem(account: ann.id, currency: "miles", 1, key: "x", note: [:])
            #expect(try await Self.points(world, miles) == .unknownCurrency("miles"))
            let coupon = try await Self.coupon(world, for: ann.profileID)
            var cart = CouponRuleTests.cart([10_000])
            cart.currency = "USD"
            let asked = cart
            let error = try await Self.refusal(world) {
                try await Self.redeem(world, "o1", coupon.code, by: ann.profileID, cart: asked)
            }
            guard case .refused(let refused)? = error as? CouponError else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(refused.flatMap(\.reasons) == [.currency(wanted: "CNY")])
            try await world.order("o2", "ann", [("tea", 30, 1)], more: #","currency":"USD""#)
            #expect(try await world.balance("ann").available == 10, "dollars are not counted as yuan")
        }
    }

    @Test("rules that contradict or never match are warned about where they are edited")
    func contradictions() async throws {
        try await Self.with(.sqlite) { world in
            let rules = #"""
                {"rules":[
                 {"id":"never","kind":"order_fixed","points":5,
                  "when":[{"kind":"weekday","days":[1]},{"kind":"weekday","days":[2]}]},
                 {"id":"nothing","kind":"multiplier","times":2,"rules":["gone"]}]}
                """#
            let now = world.clock.now
            let warnings = try await world.platform.store.read {
                try ProgramVersions.warnings(rules, at: now, $0)
            }
            let found = Set(warnings.map { "\($0.rule) \($0.code)" })
            #expect(found.contains("never contradiction"))
            #expect(found.contains("nothing unknown_rule"))
        }
    }

    @Test("cycles in transfers neither make points nor go round the day's limit", arguments: StoreKind.allCases)
    func cycles(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            try await Self.award(ann, 300, "a1", world)
            func give(_ from: Int64, _ to: Int64, _ amount: Int64, _ key: String) -> PointsCommand {
                .transfer(from: from, to: to, currency: "points", amount, key: key, note: [:])
            }
            #expect(try await Self.points(world, give(ann, ann, 10, "t0")) == .transferToSelf)
            _ = try await Points.perform(give(ann, bob, 60, "t1"), world.platform)
            _ = try await Points.perform(give(bob, ann, 50, "t2"), world.platform)
            #expect(
                try await Self.points(world, give(ann, bob, 60, "t3")) == .transferLimit(left: 40, wanted: 60))
            let sum = try await world.balance("ann").available + world.balance("bob").available
            #expect(sum == 300 - 6 - 5, "what is gone are the fees")
        }
    }

    @Test("publishing without approval", arguments: StoreKind.allCases)
    func approval(kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            let (effects, now, store) = (world.platform.effects, world.clock.now, world.platform.store)
            let draft = try await store.write {
                try ProgramVersions.create(
                    title: "Next", document: #"{"rules":[\#(EarningWorld.base)]}"#, by: "user:1", effects: effects, $0)
            }
            func step(_ verb: ProgramStep.Verb, by actor: String) async throws -> ProgramError? {
                try await Self.refusal(world) {
                    _ = try await store.write {
                        try ProgramVersions.perform(verb, draft.id, by: actor, at: now, $0)
                    }
                } as? ProgramError
            }
            #expect(try await step(.publish, by: "user:2") == .status(.draft, verb: .publish))
            #expect(try await step(.submit, by: "user:1") == nil)
            #expect(try await step(.publish, by: "user:2") == .status(.review, verb: .publish))
            #expect(try await step(.approve, by: "user:1") == .sameActor)
            #expect(try await step(.approve, by: "user:2") == .trialMissing)
            #expect(try await step(.publish, by: "user:2") == .status(.review, verb: .publish))
        }
    }
}
