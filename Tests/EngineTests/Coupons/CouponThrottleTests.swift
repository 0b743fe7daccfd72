import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Guessing coupon codes") struct CouponThrottleTests {
    @Test(
        "whoever guesses with several keys from one network waits there, whatever key comes next; others do not",
        arguments: StoreKind.allCases)
    func network(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            let coupon = try await world.issue(try await world.define(CouponOrderTests.fifty), to: ann, "k1")
            func ask(_ codes: [String], _ key: String, _ network: String?) async throws -> Coupons.Answer {
                try await Coupons.validate(
                    Coupons.Question(codes: codes, profile: nil, cart: CouponRuleTests.cart([10_000])),
                    by: CouponCaller(key, network: network), world.platform)
            }
            let (home, away) = ("203.0.113.7", "2001:db8::/64")
            let each = CouponLimits.attemptsByNetwork / 2
            for key in ["key:1", "key:2"] {
                for number in 0..<each {
                    let answer = try await ask(["GUESS\(number)"], key, home)
                    #expect(answer.items[0].refusals == [.unknown])
                }
            }
            await #expect(throws: CouponError.throttled(seconds: 600)) {
                _ = try await ask([coupon.code], "key:3", home)
            }
            #expect(try await ask(["GUESS"], "key:3", away).items[0].refusals == [.unknown])
            #expect(try await ask(["GUESS"], "key:2", away).items[0].refusals == [.unknown])
            // The platform's own, which come from nowhere.
            #expect(try await ask(["GUESS"], "key:3", nil).items[0].refusals == [.unknown])
            let kept = try await world.platform.store.read {
                try $0.query("SELECT subject FROM coupon_attempts").map { try $0.text(0) }
            }
            #expect(kept.contains { $0.hasPrefix("network ") } && !kept.contains { $0.contains("203.0.113") })
            world.clock.advance(milliseconds: CouponLimits.attemptsMS)
            #expect(try await ask(["GUESS"], "key:3", home).items[0].refusals == [.unknown])
        }
    }
}
