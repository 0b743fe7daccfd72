import Storage
import TestSupport
import Testing

@testable import Engine

/// Coupons through the front door, on a real store.
struct CouponWorld {
    var platform: Platform
    var clock: TestClock

    static func with(_ kind: StoreKind, _ body: (CouponWorld) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let world = CouponWorld(platform: .testing(store, clock: clock), clock: clock)
            try await body(world)
            #expect(try await CouponVerification.run(world.platform).flaws == [])
        }
    }

    func person(_ user: String) async throws -> Int64 {
        let now = clock.now
        try await Ingest(platform: platform, signal: LogSignal()).append(
            IncomingBatch(
                sourceID: 1,
                events: [
                    IncomingEvent(
                        kind: .identify, name: "identify", messageID: "m-\(user)",
                        identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now)
                ]))
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
        return try await platform.store.read {
            try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0)
        } ?? 0
    }

    func define(_ rule: CouponRule, _ name: String = "Spring") async throws -> Int64 {
        let effects = platform.effects
        return try await platform.store.write {
            try CouponDefinitions.create(name: name, rule, by: "test", effects: effects, $0).id
        }
    }

    func definition(_ id: Int64) async throws -> CouponDefinition {
        try await platform.store.read { try CouponDefinitions.get(id, $0) }
    }

    func issue(_ definition: Int64, to person: Int64, _ key: String) async throws -> Coupon {
        try await CouponIssuing.issue(definition, to: person, key: key, by: "test", platform).coupon
    }

    func share(_ definition: Int64, _ code: String, usesMax: Int64? = nil) async throws -> Coupon {
        try await CouponIssuing.share(definition, code: code, usesMax: usesMax, by: "test", platform).coupon
    }

    func coupon(_ id: Int64) async throws -> Coupon {
        try await platform.store.read { try CouponList.get(id, $0).coupon }
    }

    @discardableResult
    func redeem(
        _ order: String, _ codes: [String], by person: Int64? = nil, cart: CouponCart? = CouponRuleTests.cart([10_000])
    ) async throws -> CouponOrders.Answer {
        try await CouponOrders.redeem(
            order: order, codes: codes, profile: person, cart: cart, by: "test", platform)
    }

    @discardableResult
    func lock(
        _ order: String, _ codes: [String], by person: Int64? = nil, seconds: Int64 = 600,
        cart: CouponCart = CouponRuleTests.cart([10_000])
    ) async throws -> CouponOrders.Answer {
        try await CouponOrders.lock(
            Coupons.Question(codes: codes, profile: person, cart: cart, order: order), seconds: seconds, by: "test",
            platform)
    }

    @discardableResult
    func giveBack(_ order: String, _ lines: [String: Int64]? = nil, _ key: String) async throws -> CouponOrders.Answer {
        try await CouponOrders.giveBack(order: order, lines: lines, key: key, by: "test", platform)
    }

    /// Why a command is refused; nil when it is not.
    func refusals(_ body: () async throws -> Void) async throws -> [CouponRefusal]? {
        do {
            try await body()
            return nil
        } catch CouponError.refused(let refused) {
            return refused.flatMap(\.reasons)
        }
    }

    func work() async throws {
        let runner = JobRunner(platform: platform)
        try await runner.ensureRecurring()
        clock.advance(milliseconds: 31_000)
        try await runner.drain()
    }

    func said() async throws -> [String] {
        try await platform.store.read { connection in
            try connection.query("SELECT name FROM event_log WHERE name LIKE 'Coupon %' ORDER BY position").map {
                try $0.text(0)
            }
        }
    }
}
