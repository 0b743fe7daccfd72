import Storage
import TestSupport
import Testing

@testable import Engine

/// Points and coupons in conditions: what the ledgers hold, in real time, in memory as in the analytics store.
@Suite("Conditions on points and coupons", .serialized)
struct HoldingConditionTests {
    private static let day: Int64 = 86_400_000
    private static let fifty = CouponRuleTests.rule(.amount(5_000, keepsRest: false))

    private static func points(_ figure: String, _ rest: String) -> String {
        #"{"where":{"kind":"points","currency":"points","figure":"\#(figure)",\#(rest)}}"#
    }

    private static func coupons(_ rest: String) -> String {
        #"{"where":{"kind":"coupons",\#(rest)}}"#
    }

    private func member(_ user: String, _ world: SegmentWorld) async throws -> (account: Int64, profile: Int64) {
        try await world.send("identify", user)
        try await world.process()
        let effects = world.platform.effects
        return try await world.platform.store.write { connection in
            let id = try connection.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0) ?? 0
            return (try PointsAccounts.open(profile: id, effects: effects, connection).account.id, id)
        }
    }

    private func award(
        _ account: Int64, _ amount: Int64, _ key: String, expiresAt: Timestamp? = nil, _ world: SegmentWorld
    ) async throws {
        _ = try await Points.perform(
            .award(
                account: account, currency: "points", PointsAward(key: key, amount: amount, expiresAt: expiresAt)),
            world.platform)
    }

    private func currency(_ world: SegmentWorld) async throws {
        let now = world.clock.now
        _ = try await world.platform.store.write {
            try PointsCurrencies.create(
                PointsCurrency(code: "points", names: ["en": "Stars", "zh-Hans": "星星"]), at: now, $0)
        }
    }

    /// What memory says and what the analytics store finds, which must be the same.
    private func found(_ text: String, _ world: SegmentWorld) async throws -> Int64 {
        try await SegmentPreview.exact(text, world.platform).people
    }

    @Test(
        "a segment follows what is awarded, spent and about to lapse, and the store finds the same",
        arguments: StoreKind.allCases)
    func pointsFollowed(_ kind: StoreKind) async throws {
        try await SegmentWorld.with(kind) { world in
            try await currency(world)
            let a = try await member("a", world)
            _ = try await member("b", world)
            try await world.process()
            let rich = try await world.create("Rich", Self.points("available", #""is":"at_least","value":100"#))
            let poor = try await world.create("Poor", Self.points("available", #""is":"less_than","value":100"#))
            let soon = try await world.create(
                "Soon", Self.points("expiring", #""days":7,"is":"at_least","value":50"#))
            try await world.work()
            // Who is no member has no points, not none.
            #expect(try await world.people(poor) == ["a", "b"])
            try await award(a.account, 120, "one", expiresAt: world.clock.now.adding(milliseconds: 5 * Self.day), world)
            try await world.process()
            #expect(try await world.people(rich) == ["a"])
            #expect(try await world.people(poor) == ["b"])
            #expect(try await world.people(soon) == ["a"])
            #expect(try await world.said("Segment Entered") == 2)
            #expect(try await world.said("Segment Left") == 1)
            try await world.archive()
            #expect(try await found(rich.criteria, world) == 1)
            #expect(try await found(poor.criteria, world) == 1)
            #expect(try await found(soon.criteria, world) == 1)
            let told = try await SegmentExplanation.explain(a.profile, in: rich.id, .english, world.platform)
            #expect(told.holds && told.finding == "120" && told.words.contains("Stars"))
            _ = try await Points.perform(
                .redeem(account: a.account, currency: "points", 80, key: "r", note: [:]), world.platform)
            try await world.archive()
            #expect(try await world.people(rich).isEmpty)
            #expect(try await world.people(poor) == ["a", "b"])
            #expect(try await world.people(soon).isEmpty)
            #expect(try await found(rich.criteria, world) == 0)
            #expect(try await found(poor.criteria, world) == 2)
            #expect(
                try await found(Self.points("earned", #""is":"at_least","value":120"#), world) == 1)
        }
    }

    @Test("lapsing comes nearer by time alone, and what has lapsed is gone with the ledger's clock")
    func lapsing() async throws {
        try await SegmentWorld.with { world in
            try await currency(world)
            let a = try await member("a", world)
            try await award(a.account, 60, "one", expiresAt: world.clock.now.adding(milliseconds: 20 * Self.day), world)
            let soon = try await world.create(
                "Soon", Self.points("expiring", #""days":7,"is":"at_least","value":50"#))
            try await world.work()
            #expect(try await world.people(soon).isEmpty)
            world.clock.advance(milliseconds: 14 * Self.day)
            try await world.work()
            #expect(try await world.people(soon) == ["a"])
            world.clock.advance(milliseconds: 7 * Self.day)
            try await world.work()
            #expect(try await world.people(soon).isEmpty)
            #expect(try await found(soon.criteria, world) == 0)
        }
    }

    @Test("a segment follows coupons from issue to use", arguments: StoreKind.allCases)
    func couponsFollowed(_ kind: StoreKind) async throws {
        try await SegmentWorld.with(kind) { world in
            let (platform, effects) = (world.platform, world.platform.effects)
            let ids = try await platform.store.write { connection in
                try ["Spring", "Autumn"].map {
                    try CouponDefinitions.create(
                        name: $0, Self.fifty, by: "test", effects: effects, connection
                    ).id
                }
            }
            let a = try await member("a", world)
            let held = try await world.create("Held", Self.coupons(#""ids":["\#(ids[0])"],"status":"held""#))
            let none = try await world.create("None", Self.coupons(#""is":"exactly","value":0"#))
            let used = try await world.create("Used", Self.coupons(#""status":"redeemed""#))
            try await world.work()
            #expect(try await world.people(held).isEmpty)
            #expect(try await world.people(used).isEmpty)
            #expect(try await world.people(none).contains("a"))
            let coupon = try await CouponIssuing.issue(ids[0], to: a.profile, key: "k", by: "test", platform).coupon
            _ = try await CouponIssuing.issue(ids[1], to: a.profile, key: "l", by: "test", platform)
            try await world.archive()
            #expect(try await world.people(held) == ["a"])
            #expect(try await world.people(none).contains("a") == false)
            #expect(try await found(held.criteria, world) == 1)
            #expect(try await found(used.criteria, world) == 0)
            #expect(try await found(Self.coupons(#""is":"at_least","value":2"#), world) == 1)
            _ = try await CouponOrders.redeem(
                order: "o", codes: [coupon.code], profile: a.profile, cart: CouponRuleTests.cart([10_000]),
                by: "test", platform)
            try await world.archive()
            #expect(try await world.people(held).isEmpty)
            #expect(try await world.people(used) == ["a"])
            #expect(try await found(held.criteria, world) == 0)
            #expect(try await found(used.criteria, world) == 1)
        }
    }

    @Test("what a definition names cannot be deleted, and what is not there cannot be named")
    func guarded() async throws {
        try await SegmentWorld.with { world in
            try await currency(world)
            let (platform, effects) = (world.platform, world.platform.effects)
            let coupon = try await platform.store.write {
                try CouponDefinitions.create(
                    name: "Spring", Self.fifty, by: "test", effects: effects, $0
                ).id
            }
            let rich = try await world.create("Rich", Self.points("available", #""is":"at_least","value":100"#))
            let held = try await world.create("Held", Self.coupons(#""ids":["\#(coupon)"]"#))
            func use(_ segment: Segment) -> [SegmentUse] {
                [SegmentUse(kind: "segment", id: String(segment.id), name: segment.name)]
            }
            await #expect(throws: PointsError.currencyUsedBy(use(rich))) {
                try await platform.store.write { try PointsCurrencies.delete("points", $0) }
            }
            await #expect(throws: CouponError.usedBy(use(held))) {
                try await platform.store.write { try CouponDefinitions.delete(coupon, $0) }
            }
            let criteriaWorld = try await platform.store.read { try CriteriaWorld.load($0) }
            for (text, code) in [
                (#"{"where":{"kind":"points","currency":"gold","is":"at_least","value":1}}"#, "unknown_choice"),
                (Self.coupons(#""ids":["77"]"#), "unknown_coupon"),
            ] {
                #expect(try Criteria(parsing: text).issues(criteriaWorld).map(\.code) == [code])
            }
            for (text, code) in [
                (Self.points("available", #""is":"less_than","value":0"#), "out_of_range"),
                (Self.points("expiring", #""is":"at_least","value":1"#), "missing"),
                (Self.points("available", #""days":3,"is":"at_least","value":1"#), "unknown_field"),
                (Self.coupons(#""ids":["x"]"#), "wrong_type"),
                (Self.coupons(#""status":"lost""#), "unknown_choice"),
            ] {
                let problem = #expect(throws: CriteriaError.self) { try Criteria(parsing: text) }
                #expect(problem?.issues.map(\.code) == [code], "\(text)")
            }
            #expect(
                try Criteria(parsing: Self.coupons(#""is":"less_than","value":0"#))
                    .warnings(criteriaWorld, CriteriaPhrases(.english)).map(\.code) == ["holds_for_nobody"])
        }
    }

    @Test("rows of before are brought to the mirror once")
    func filled() async throws {
        try await SegmentWorld.with { world in
            try await currency(world)
            let a = try await member("a", world)
            try await award(a.account, 60, "one", world)
            try await world.archive()
            try await world.platform.analytics.erase([a.profile])
            let text = Self.points("available", #""is":"exactly","value":60"#)
            #expect(try await found(text, world) == 0)
            let runner = JobRunner(platform: world.platform, catalog: JobCatalog([MirrorFill.handler]))
            try await runner.ensureRecurring()
            world.clock.advance(milliseconds: 180_000)
            try await runner.drain()
            #expect(try await found(text, world) == 1)
            try await world.platform.analytics.erase([a.profile])
            world.clock.advance(milliseconds: 180_000)
            try await runner.drain()
            #expect(try await found(text, world) == 0)
        }
    }
}
