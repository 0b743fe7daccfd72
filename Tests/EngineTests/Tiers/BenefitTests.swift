import Storage
import TestSupport
import Testing

@testable import Engine

/// Benefits of tiers: what is granted when, to whom while a quota lasts, and what is made of it.
@Suite("Benefits", .serialized)
struct BenefitTests {
    private static func ladder() -> TierLadder {
        var ladder = TierCourseTests.ladder()
        ladder.tiers[1].benefits = [
            Benefit(code: "double", kind: .multiplier, multiplier: 150),
            Benefit(code: "line", kind: .priority),
            Benefit(code: "welcome", kind: .gift, occasion: .entry, uses: 1, quota: 1),
            Benefit(code: "ship", kind: .shipping, occasion: .monthly, uses: 2, validDays: 20),
            Benefit(code: "cake", kind: .coupon, occasion: .birthday, coupon: "BD20", uses: 1, validDays: 30),
        ]
        return ladder
    }

    private static func use(
        _ world: TierWorld, _ benefit: String, _ member: Int64, _ key: String
    ) async throws -> BenefitUses.Use {
        try await world.platform.store.write { connection in
            try BenefitUses.use(
                benefit, by: member, key: key, note: "", effects: world.platform.effects, connection
            ).use
        }
    }

    private static func grants(_ world: TierWorld, _ member: Int64) async throws -> [String] {
        try await world.platform.store.read { connection in
            try BenefitGrants.list(member: member, limit: 100, connection).map { "\($0.benefit) \($0.occasion)" }
                .sorted()
        }
    }

    @Test(
        "entering grants once, a quota keeps it scarce, and who came too late is counted", arguments: StoreKind.allCases
    )
    func entry(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(Self.ladder())
            let ann = try await world.member("ann")
            let bob = try await world.member("bob")
            try await world.order("ann", "o1", 600)
            try await world.order("bob", "o2", 600)
            #expect(try await Self.grants(world, ann.id) == ["welcome entry:2"])
            #expect(try await Self.grants(world, bob.id) == [])
            let first = try await Self.use(world, "welcome", ann.id, "k1")
            let again = try await Self.use(world, "welcome", ann.id, "k1")
            #expect(!first.isRepeat && again.isRepeat && first.grant == again.grant)
            await #expect(throws: BenefitError.usedUp("welcome")) {
                try await Self.use(world, "welcome", ann.id, "k2")
            }
            await #expect(throws: BenefitError.notEntitled("welcome")) {
                try await Self.use(world, "welcome", bob.id, "k3")
            }
            await #expect(throws: BenefitError.keyReused("k1")) { try await Self.use(world, "line", ann.id, "k1") }
            #expect(try await Self.use(world, "line", ann.id, "k4").grant == nil)
            let usage = try await world.platform.store.read {
                try BenefitUsage.load(
                    from: Timestamp(milliseconds: 0), to: world.clock.now.adding(days: 1), at: world.clock.now, $0)
            }
            let welcome = usage.first { $0.benefit == "welcome" }
            #expect(welcome?.granted == 1 && welcome?.used == 1 && welcome?.refused == 1)
            #expect(usage.first { $0.benefit == "line" }?.uses == 1)
        }
    }

    @Test(
        "months and birthdays grant, missed days too, each once; what is not used is counted",
        arguments: StoreKind.allCases)
    func clock(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(Self.ladder())
            let ann = try await world.member("ann", traits: #"{"birthday":"1990-10-05"}"#)
            try await world.order("ann", "o1", 600)
            try await world.tick()
            // From 21 September to 10 October.
            world.clock.advance(milliseconds: 19 * Timestamp.millisecondsPerDay)
            try await world.tick()
            try await world.tick()
            #expect(
                try await Self.grants(world, ann.id) == [
                    "cake birthday:2026", "ship month:2026-10", "welcome entry:2",
                ])
            _ = try await Self.use(world, "ship", ann.id, "s1")
            _ = try await Self.use(world, "ship", ann.id, "s2")
            await #expect(throws: BenefitError.usedUp("ship")) { try await Self.use(world, "ship", ann.id, "s3") }
            let later = world.clock.now.adding(days: 60)
            let usage = try await world.platform.store.read {
                try BenefitUsage.load(from: Timestamp(milliseconds: 0), to: later, at: later, $0)
            }
            #expect(usage.first { $0.benefit == "cake" }?.unused == 1)
            #expect(try await world.said(BenefitGrants.granted) == 3)
        }
    }

    @Test("a grant of a coupon issues one, once; where there is none the grant says so", arguments: StoreKind.allCases)
    func coupons(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            let effects = world.platform.effects
            let definition = try await world.platform.store.write {
                try CouponDefinitions.create(
                    name: "Welcome", CouponRule(.amount(500, keepsRest: false), currency: "CNY"), by: "test",
                    effects: effects, $0
                ).id
            }
            var ladder = TierCourseTests.ladder()
            ladder.tiers[1].benefits = [
                Benefit(code: "ten", kind: .coupon, occasion: .entry, coupon: String(definition)),
                Benefit(code: "none", kind: .coupon, occasion: .entry, coupon: "7"),
            ]
            try await world.publish(ladder)
            _ = try await world.member("ann")
            try await world.order("ann", "o1", 600)
            try await world.tick()
            world.clock.advance(milliseconds: 1_000)
            try await world.tick()
            let (issued, problems) = try await world.platform.store.read { connection in
                (
                    try connection.first("SELECT count(*) FROM coupons WHERE definition_id = \(definition)")?.int(0),
                    try connection.query(
                        "SELECT benefit FROM benefit_grants WHERE issue_problem IS NOT NULL"
                    ).map { try $0.text(0) }
                )
            }
            #expect(issued == 1 && problems == ["none"])
        }
    }

    @Test("16 at once use a grant for one exactly once", arguments: StoreKind.allCases)
    func concurrent(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(Self.ladder())
            let ann = try await world.member("ann")
            try await world.order("ann", "o1", 600)
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        do {
                            _ = try await Self.use(world, "welcome", ann.id, "k\(number)")
                            return true
                        } catch BenefitError.usedUp { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
        }
    }

    @Test("multipliers are read by tier, and a birthday on 29 February falls on the 28th in other years")
    func pure() {
        let benefits = TierBenefits(Self.ladder())
        #expect(benefits.multiplier(for: "silver") == 150)
        #expect(benefits.multiplier(for: "gold") == 100 && benefits.multiplier(for: nil) == 100)
        #expect(Birthdays.falls((2, 29), month: 2, day: 28, year: 2026))
        #expect(!Birthdays.falls((2, 29), month: 2, day: 28, year: 2028))
        #expect(Birthdays.read("1990/5/17")?.day == 17 && Birthdays.read("soon") == nil)
    }

    @Test("a part of the members is kept apart from a benefit, for ever and told once", arguments: StoreKind.allCases)
    func holdout(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            var ladder = TierCourseTests.ladder()
            ladder.tiers[1].benefits = [
                Benefit(code: "welcome", kind: .gift, occasion: .entry, uses: 1, holdout: 50),
                Benefit(code: "ship", kind: .shipping, occasion: .monthly, uses: 2, validDays: 20),
            ]
            try await world.publish(ladder)
            var (granted, held) = (0, 0)
            for number in 0..<16 {
                let member = try await world.member("u\(number)")
                try await world.order("u\(number)", "o\(number)", 600)
                let profile = member.profileID
                let salt = Assignment.salt(of: "benefit:silver:welcome")
                let isHeld = Assignment.bucket(salt: salt, profile: profile, of: 100) < 50
                let grants = try await Self.grants(world, member.id)
                #expect(grants.contains { $0.hasPrefix("welcome") } == !isHeld)
                if isHeld { held += 1 } else { granted += 1 }
            }
            #expect(held > 0 && granted > 0)
            try await world.tick()
            #expect(try await world.said("Benefit Held Out") == Int64(held))
            #expect(Benefit(code: "x", kind: .badge, holdout: 10).flaw?.field == "holdout")
            #expect(Benefit(code: "x", kind: .gift, occasion: .entry, holdout: 51).flaw?.field == "holdout")
        }
    }
}
