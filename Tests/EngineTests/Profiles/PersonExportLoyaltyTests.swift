import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Export of a person: loyalty", .serialized)
struct PersonExportLoyaltyTests {
    @Test("points, tier, claims and coupons are told as they stand, not as events alone", arguments: StoreKind.allCases)
    func state(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            let (store, effects) = (world.platform.store, world.platform.effects)
            _ = try await store.write {
                try TierLadders.publish(TierCourseTests.ladder(), by: "test", effects: effects, $0)
            }
            let ann = try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 600, 1)])
            let claim = try await store.write { connection in
                let reward = try Rewards.create(
                    RewardDefinition(names: ["en": "Cup"], currency: "points", points: 40), stock: nil, by: "test",
                    effects, connection)
                return try RewardClaims.claim(
                    RewardRequest(rewardID: reward.id, account: ann.id, quantity: 1, key: "c1"), by: "test", effects,
                    connection
                ).claim.id
            }
            let definition = try await store.write {
                try CouponDefinitions.create(
                    name: "Ten", CouponRule(.percent(1_000, max: nil), currency: "CNY"), by: "test", effects: effects,
                    $0
                ).id
            }
            let coupon = try await CouponIssuing.issue(
                definition, to: ann.profileID, key: "k1", by: "test", world.platform
            ).coupon
            _ = try await CouponOrders.redeem(
                order: "o2", codes: [coupon.code], profile: ann.profileID, cart: CouponRuleTests.cart([10_000]),
                by: "till", world.platform)
            let told = try await store.read { try PersonExport.loyalty(of: ann.profileID, $0) }
            #expect(told["number"] == .string(ann.number))
            #expect(told["balances"]?["points"]?["available"] == 560)
            #expect(told["lots"]?[0]?["remaining"] == 560)
            #expect(told["statement"]?.arrayValue?.count == 2)
            #expect(told["earnings"]?[0]?["fact"] == "order:o1")
            #expect(told["tier"]?["tier"] == "silver")
            #expect(told["claims"]?[0]?["claim"] == JSONValue(id: claim))
            #expect(told["coupons"]?[0]?["uses"]?[0]?["order"] == "o2")
            let bob = try await world.profile("bob")
            let nothing = try await store.read { try PersonExport.loyalty(of: bob, $0) }
            #expect(nothing == .null)
        }
    }
}
