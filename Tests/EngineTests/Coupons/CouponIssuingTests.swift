import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Issuing coupons", .serialized)
struct CouponIssuingTests {
    private static let tenth = CouponRuleTests.rule(.percent(1_000, max: nil))

    @Test(
        "a key issues once; what is printed on a coupon stays when the definition changes",
        arguments: StoreKind.allCases)
    func versions(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let (ann, bob) = (try await world.person("ann"), try await world.person("bob"))
            let id = try await world.define(Self.tenth)
            let first = try await world.issue(id, to: ann, "k1")
            #expect(try await world.issue(id, to: ann, "k1") == first)
            await #expect(throws: CouponError.keyReused("k1")) { try await world.issue(id, to: bob, "k1") }
            var half = Self.tenth
            half.benefit = .percent(5_000, max: nil)
            _ = try await world.platform.store.write { [clock = world.clock, half] in
                try CouponDefinitions.update(id, name: "Spring", half, by: "test", at: clock.now, $0)
            }
            let second = try await world.issue(id, to: ann, "k2")
            #expect(first.version == 1 && second.version == 2)
            let question = Coupons.Question(codes: nil, profile: ann, cart: CouponRuleTests.cart([1_000]))
            let answer = try await Coupons.validate(question, by: "test", world.platform)
            #expect(answer.items.map(\.discount.amount) == [500, 100])
            #expect(answer.best.parts.map(\.couponID) == [second.id])
            await #expect(throws: CouponError.inUse(issued: 2)) {
                try await world.platform.store.write { try CouponDefinitions.delete(id, $0) }
            }
        }
    }

    @Test("a batch is drawn, given out as CSV, claimed, and taken back", arguments: StoreKind.allCases)
    func batch(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let ann = try await world.person("ann")
            var rule = Self.tenth
            rule.validity.days = 7
            let id = try await world.define(rule)
            let effects = world.platform.effects
            func ask(_ pattern: String, _ count: Int64) async throws -> CouponBatch {
                try await world.platform.store.write {
                    try CouponBatches.ask(id, pattern: pattern, count: count, by: "test", effects: effects, $0)
                }
            }
            await #expect(throws: CouponError.guessable(bits: 19, needed: 26)) { _ = try await ask("AB-####C", 100) }
            let asked = try await ask("SPRING-####-####C", 300)
            try await world.work()
            let (made, first, all) = try await world.platform.store.read { connection in
                (
                    try CouponBatches.get(asked.id, connection), try CouponBatches.page(asked.id, after: 0, connection),
                    try CouponList.page(CouponList.Filter(batch: asked.id), limit: 5, connection)
                )
            }
            #expect(made.made == 300 && all.count == 5)
            let lines = first.lines.split(separator: "\r\n")
            #expect(lines.count == 300 && Set(lines).count == 300)
            #expect(lines.allSatisfy { CouponPattern.isIntact(String($0.split(separator: ",")[0])) })
            let codes = lines.map { String($0.split(separator: ",")[0]) }
            world.clock.advance(milliseconds: 2 * Timestamp.millisecondsPerDay)
            let claimed = try await CouponIssuing.claim(
                code: codes[0].lowercased(), by: ann, actor: "test", world.platform)
            #expect(claimed.coupon.profileID == ann)
            #expect(claimed.coupon.until ?? made.createdAt > all[0].coupon.until ?? made.createdAt)
            #expect(
                try await CouponIssuing.claim(code: codes[0], by: ann, actor: "test", world.platform).isRepeat)
            try await world.redeem("o1", [codes[1]])
            _ = try await world.platform.store.write { [clock = world.clock] in
                try CouponBatches.void(asked.id, at: clock.now, $0)
            }
            #expect(try await world.refusals { try await world.redeem("o2", [codes[2]]) } == [.voided])
            try await world.work()
            let states = try await world.platform.store.read { try CouponBatches.states(of: asked.id, $0) }
            #expect(states == [.issued: 1, .redeemed: 1, .voided: 298])
            #expect(try await world.definition(id).tally.voided == 298)
        }
    }

    @Test(
        "everybody in a segment gets one, once, and those who have enough are passed over",
        arguments: StoreKind.allCases)
    func segment(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            var people: [Int64] = []
            for number in 0..<5 { people.append(try await world.person("p\(number)")) }
            let effects = world.platform.effects
            let segment = try await world.platform.store.write { [people] connection in
                let segment = try Segments.create(
                    SegmentDraft(name: "Loyal", kind: .list), effects: effects, connection)
                try SegmentMembers.add(
                    people.map { (segment: segment.id, profile: $0) }, at: effects.now(), connection)
                return segment
            }
            var rule = Self.tenth
            rule.limits.issuedPerPerson = 1
            let id = try await world.define(rule)
            _ = try await world.issue(id, to: people[2], "before")
            for _ in 0..<2 {
                _ = try await world.platform.store.write {
                    try CouponSegmentIssue.ask(
                        id, segment: segment.id, key: "may", by: "test", effects: effects, $0)
                }
                try await world.work()
            }
            #expect(try await world.definition(id).tally.issued == 5)
            await #expect(throws: CouponError.personIssueLimit(1)) { try await world.issue(id, to: people[0], "x") }
        }
    }

    @Test(
        "a merge brings coupons and counts together, undoing it parts them, erasing voids what is held",
        arguments: StoreKind.allCases)
    func merge(kind: StoreKind) async throws {
        try await CouponWorld.with(kind) { world in
            let (ann, bob) = (try await world.person("ann"), try await world.person("bob"))
            var rule = Self.tenth
            rule.limits.usedPerPerson = 1
            let id = try await world.define(rule)
            let used = try await world.issue(id, to: bob, "k1")
            try await world.redeem("o1", [used.code], by: bob)
            let held = try await world.issue(id, to: bob, "k2")
            let own = try await world.issue(id, to: ann, "k3")
            let platform = world.platform
            try await platform.store.write { [clock = world.clock] connection in
                let events = try ManualMerge.merge(ann, bob, platform: platform, at: clock.now, connection)
                try SystemEventLog.append(events, now: clock.now, effects: platform.effects, to: connection)
            }
            let one = try await world.coupon(own.id).profileID
            #expect(try await world.coupon(held.id).profileID == one)
            // The limit holds for the one person they are.
            let refused = try await world.refusals { try await world.redeem("o2", [own.code], by: ann) }
            #expect(refused == [.personUsedUp(limit: 1)])
            #expect(try await CouponVerification.run(platform).flaws == [])
            try await platform.store.write { [clock = world.clock] connection in
                _ = try Unmerge.undo(try MergeHistory.latest(connection)[0].id, at: clock.now, connection)
            }
            #expect(try await world.coupon(held.id).profileID == bob)
            #expect(try await world.coupon(own.id).profileID == ann)
            try await world.redeem("o2", [own.code], by: ann)
            #expect(try await world.redeem("o1", [used.code], by: bob).isRepeat)
            try await Erasure.request(bob, by: "test", platform)
            let gone = try await world.coupon(held.id)
            #expect(gone.profileID == 0 && gone.state == .voided)
            let history = try await platform.store.read { try CouponList.history(of: used.id, $0) }
            #expect(history.allSatisfy { $0.entry.profileID != bob })
        }
    }
}
