import Storage
import TestSupport
import Testing

@testable import Engine

/// What other loyalty programs are known to get wrong. The others of the kind stand beside what they are about: refunds,
/// loops and retries in `EarningTests`, rounding in `EarningEvaluationTests`, tiers by balance in `TierLifeTests`, the
/// return window in `EarningTests` and `PointsAccountTests`.
@Suite("Known failures of others", .serialized)
struct KnownFailureTests {
    @Test("coupon limit 1 claimed by 64 concurrent requests gives exactly 1", arguments: StoreKind.allCases)
    func limit(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            var rule = CouponRule(.percent(1_000, max: nil), currency: "CNY")
            rule.limits.used = 1
            let shared = try await world.share(try await world.define(rule), "ONCE")
            let platform = world.platform
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for till in 0..<64 {
                    group.addTask {
                        do {
                            _ = try await CouponOrders.redeem(
                                order: "o\(till)", codes: ["ONCE"], profile: nil,
                                cart: CouponRuleTests.cart([10_000]), by: CouponCaller("till \(till)"), platform)
                            return 1
                        } catch CouponError.refused(let refused) {
                            return refused.flatMap(\.reasons) == [.usedUp(limit: 1)] ? 0 : 100
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(done == 1)
            #expect(try await world.coupon(shared.id).uses == 1)
        }
    }

    @Test(
        "merge doubles a balance: it does not, and undone after more was earned each has what is theirs",
        arguments: StoreKind.allCases)
    func merge(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            let (ann, bob) = (try await world.member("ann"), try await world.member("bob"))
            try await world.order("a1", "ann", [("tea", 50, 1)])
            try await world.order("b1", "bob", [("tea", 30, 1)])
            let (platform, now) = (world.platform, world.clock.now)
            try await platform.store.write { connection in
                let events = try ManualMerge.merge(
                    ann.profileID, bob.profileID, platform: platform, at: now, connection)
                try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
            }
            #expect(try await world.balance("ann").available == 80)
            #expect(try await world.balance("bob") == world.balance("ann"), "both names are one person's")
            // While they are one, more is earned by both names, and part of an older order comes back.
            try await world.order("a2", "ann", [("tea", 7, 1)])
            try await world.order("b2", "bob", [("tea", 5, 1)])
            try await world.refund("b1", "bob", "r1", [("tea", 10, 1)])
            let whole = try await world.balance("ann").available
            let merge = try await platform.store.read { try MergeHistory.latest($0)[0] }
            try await platform.store.write { connection in
                let (event, moved) = try Unmerge.undo(merge.id, at: now, connection)
                try SystemEventLog.append([event] + moved, now: now, effects: platform.effects, to: connection)
            }
            try await world.process()
            let (left, right) = (try await world.balance("ann").available, try await world.balance("bob").available)
            #expect(left + right == whole, "nothing is made and nothing is lost")
            // What each did alone is back; what was earned together stayed with who stayed.
            let annStays =
                try await platform.store.read { connection in
                    try connection.first("SELECT winner_id FROM profile_merges WHERE id = \(merge.id)")?.int(0)
                } == ann.profileID
            #expect(annStays ? right == whole - 62 : left == 50)
            // Returns still find everything, and leave nothing.
            for (order, user) in [("a1", "ann"), ("a2", "ann"), ("b1", "bob"), ("b2", "bob")] {
                try await world.act("Order Cancelled", user, #"{"order_id":"\#(order)"}"#)
            }
            #expect(try await world.balance("ann").available == 0)
            #expect(try await world.balance("bob").available == 0)
        }
    }

    @Test(
        "what a visitor did before being known earns as orders do, and as events do not", arguments: StoreKind.allCases)
    func visitors(kind: StoreKind) async throws {
        let read = #"{"id":"read","kind":"event","points":3,"event":{"names":["Article Read"]}}"#
        try await EarningWorld.with(kind, rules: EarningWorld.base + "," + read) { world in
            try await world.member("ann")
            let visitor = IdentityClaim(kind: "anonymous_id", value: "v1")
            try await world.send("Article Read", "", identities: [visitor])
            try await world.send("Order Completed", "", #"{"order_id":"o1","revenue":30}"#, identities: [visitor])
            try await world.process()
            #expect(try await world.balance("ann").available == 0)
            try await world.send(
                "Identify", "", kind: .identify, identities: [visitor, IdentityClaim(kind: "user_id", value: "ann")])
            try await world.process()
            #expect(try await world.balance("ann").available == 30)
            try await world.send("Article Read", "", identities: [visitor])
            try await world.process()
            #expect(try await world.balance("ann").available == 33)
        }
    }
}
