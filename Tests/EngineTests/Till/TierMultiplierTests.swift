import Storage
import TestSupport
import Testing

@testable import Engine

/// The multiplier of a tier applies by itself, once, and a rule by tier comes before it.
@Suite("Multiplier of a tier", .serialized)
struct TierMultiplierTests {
    private static let ladder = TierLadder(tiers: [
        Tier(code: "member"),
        Tier(
            code: "gold", names: ["en": "Gold", "zh-Hans": "金卡"], rule: TierRule([TierIndicator("spend", 10_000)]),
            benefits: [Benefit(code: "more", kind: .multiplier, multiplier: 150)]),
    ])

    private static func publish(_ world: EarningWorld) async throws {
        let effects = world.platform.effects
        _ = try await world.platform.store.write {
            try TierLadders.publish(ladder, by: "test", effects: effects, $0)
        }
    }

    @Test("half as much again in the waterfall, by line, and gone with the return", arguments: StoreKind.allCases)
    func applies(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            let growth = PointsCurrency(code: "growth", isSpendable: false)
            _ = try await world.platform.store.write {
                try PointsCurrencies.create(growth, at: Timestamp(milliseconds: 0), $0)
            }
            let also = #",{"id":"g","kind":"order_amount","points":1,"per":1,"currency":"growth"}"#
            try await world.install(rules: EarningWorld.base + also)
            try await Self.publish(world)
            try await world.member("ann")
            try await world.order("small", "ann", [("tea", 50, 1)])
            #expect(try await world.balance("ann").available == 50)
            // The order that lifts earns by the tier that it lifts to, as the commit at a till would.
            try await world.order("o1", "ann", [("tea", 61, 1), ("cup", 40, 1)])
            #expect(try await world.balance("ann").available == 50 + 101 + 50)
            #expect(try await world.balance("ann", "growth").available == 151)
            let record = try #require(try await world.record("order:o1"))
            let step = try #require(record.waterfall.first { $0.benefit != nil })
            #expect(step.rule == "~tier:base" && step.points == 50 && step.verdict == .gave)
            #expect(step.benefit?.title(.english) == "Gold ×1.5" && step.benefit?.title(.chinese) == "金卡 ×1.5")
            #expect(record.waterfall.filter { $0.benefit != nil }.count == 1)
            try await world.refund("o1", "ann", "r1", [("tea", 61, 1)])
            try await world.refund("o1", "ann", "r2", [("cup", 40, 1)])
            #expect(try await world.balance("ann").available == 50)
        }
    }

    @Test(
        "a rule that multiplies by tier counts in its place; another multiplier adds up", arguments: StoreKind.allCases)
    func rules(kind: StoreKind) async throws {
        let own = #",{"id":"own","kind":"multiplier","times":2,"when":[{"kind":"tier","values":["gold"]}]}"#
        try await EarningWorld.with(kind, rules: EarningWorld.base + own) { world in
            try await Self.publish(world)
            try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 100, 1)])
            #expect(try await world.balance("ann").available == 200)
            #expect(try await world.record("order:o1")?.waterfall.last?.verdict == .ruled("own"))
            let all = #",{"id":"all","kind":"multiplier","times":2}"#
            try await world.install(rules: EarningWorld.base + all)
            try await world.order("o2", "ann", [("tea", 100, 1)])
            #expect(try await world.balance("ann").available == 200 + 250)
        }
    }

    @Test("caps over all rules hold for it, and a dry run says the same", arguments: StoreKind.allCases)
    func caps(kind: StoreKind) async throws {
        let cap = #","caps":[{"currency":"points","per":"member","period":"day","points":120}]"#
        try await EarningWorld.with(kind, rules: EarningWorld.base, more: cap) { world in
            try await Self.publish(world)
            try await world.member("ann")
            let profile = try await world.profile("ann")
            let at = world.clock.now
            let dry = try await world.platform.store.read {
                try ProgramDryRun.run(
                    .init(.order(#"{"revenue":100}"#), profileID: profile, tier: "gold", at: at), $0)
            }
            try await world.order("o1", "ann", [("tea", 100, 1)])
            #expect(try await world.balance("ann").available == 120)
            #expect(dry.points == ["points": 120])
            #expect(dry.outcome.waterfall.last?.verdict.code == "capped")
        }
    }
}
