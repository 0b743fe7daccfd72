import Storage
import TestSupport
import Testing

@testable import Engine

/// The program at work, through the processor, on both stores.
@Suite("Earning by the program", .serialized)
struct EarningTests {
    private static let base = EarningWorld.base

    @Test("members earn by line, others nothing, and every award has its waterfall", arguments: StoreKind.allCases)
    func earning(kind: StoreKind) async throws {
        let gold = #"{"id":"gold","kind":"multiplier","times":2,"when":[{"kind":"tier","values":["gold"]}]}"#
        try await EarningWorld.with(kind, rules: Self.base + "," + gold) { world in
            let ann = try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 30, 2), ("pot", 40, 1)])
            try await world.order("o2", "bob", [("tea", 30, 2)])
            #expect(try await world.balance("ann").available == 100)
            let record = try #require(try await world.record("order:o1"))
            #expect(record.grants.map(\.points) == [60, 40])
            #expect(record.waterfall.map(\.verdict) == [.gave, .unmet("tier", "none")])
            #expect(try await world.record("order:o2") == nil)
            _ = try await world.platform.store.write {
                try $0.execute("UPDATE profiles SET tier = 'gold' WHERE id = \(ann.profileID)")
            }
            try await world.order("o3", "ann", [("tea", 30, 1)])
            #expect(try await world.balance("ann").available == 160)
            let key = try #require(record.grants.first?.lots.first?.key)
            #expect(try await world.platform.store.read { try EarningRecords.of(award: key, $0) } == record)
        }
    }

    @Test("refund keeps earned points: it does not, by line, in part and in full", arguments: StoreKind.allCases)
    func refunds(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: Self.base) { world in
            try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 30, 3), ("pot", 10, 1)])
            #expect(try await world.balance("ann").available == 100)
            try await world.refund("o1", "ann", "r1", [("tea", 30, 1)])
            #expect(try await world.balance("ann").available == 70)
            try await world.refund("o1", "ann", "r1", [("tea", 30, 1)])
            #expect(try await world.balance("ann").available == 70)
            try await world.refund("o1", "ann", "r2", [("tea", 30, 2)])
            #expect(try await world.balance("ann").available == 10)
            try await world.refund("o1", "ann", "r3", [("pot", 10, 1)])
            #expect(try await world.balance("ann").available == 0)
            try await world.order("o2", "ann", [("tea", 30, 3)])
            try await world.act("Order Cancelled", "ann", #"{"order_id":"o2"}"#)
            #expect(try await world.balance("ann").available == 0)
            #expect(try await world.balance("ann").earned == 0)
        }
    }

    @Test("buy–refund loop earns: it does not, whatever the caps and first orders", arguments: StoreKind.allCases)
    func loop(kind: StoreKind) async throws {
        let first = #"{"id":"first","kind":"order_fixed","points":500,"when":[{"kind":"first_purchase"}]}"#
        let capped = #"{"id":"c","kind":"order_fixed","points":10,"caps":[{"per":"member","times":3}]}"#
        try await EarningWorld.with(kind, rules: [Self.base, first, capped].joined(separator: ",")) { world in
            try await world.member("ann")
            for round in 0..<4 {
                try await world.order("o\(round)", "ann", [("tea", 50, 1)])
                try await world.refund("o\(round)", "ann", "r\(round)", [("tea", 50, 1)])
                #expect(try await world.balance("ann").available == 0)
            }
            // A refund that is told before its order.
            try await world.refund("x", "ann", "rx", [("tea", 50, 1)])
            try await world.order("x", "ann", [("tea", 50, 1)])
            #expect(try await world.balance("ann").available == 0)
            // The cap was used up: what comes back opens none again.
            try await world.order("o9", "ann", [("tea", 50, 1)])
            #expect(try await world.balance("ann").available == 550)
        }
    }

    @Test("retry awards twice: it does not, by message or by order", arguments: StoreKind.allCases)
    func retries(kind: StoreKind) async throws {
        let event = #"{"id":"e","kind":"event","points":5,"event":{"names":["Article Read"]}}"#
        try await EarningWorld.with(kind, rules: Self.base + "," + event) { world in
            try await world.member("ann")
            for _ in 0..<3 {
                try await world.send("Article Read", "ann", id: "same")
                try await world.process()
                try await world.order("o1", "ann", [("tea", 50, 1)])
            }
            #expect(try await world.balance("ann").available == 55)
            await #expect(throws: PointsError.key("earn:order:o1:tea:base")) {
                _ = try await Points.perform(
                    .award(account: 1, currency: "points", PointsAward(key: "earn:order:o1:tea:base", amount: 1)),
                    world.platform)
            }
        }
    }

    @Test(
        "points spendable before the return window closes: they are not, by days or until an event",
        arguments: StoreKind.allCases)
    func pending(kind: StoreKind) async throws {
        let days = #"{"id":"d","kind":"order_amount","points":1,"per":1,"pending":{"days":15}}"#
        let event = #"{"id":"e","kind":"order_fixed","points":7,"pending":{"event":"Order Delivered"}}"#
        try await EarningWorld.with(kind, rules: days + "," + event) { world in
            let ann = try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 50, 1)])
            #expect(try await world.balance("ann").pending == 57)
            await #expect(throws: PointsError.insufficient(available: 0, wanted: 1)) {
                _ = try await Points.perform(
                    .redeem(account: ann.id, currency: "points", 1, key: "x", note: [:]), world.platform)
            }
            try await world.act("Order Delivered", "ann", #"{"order_id":"other"}"#)
            #expect(try await world.balance("ann").available == 0)
            try await world.act("Order Delivered", "ann", #"{"order_id":"o1"}"#)
            #expect(try await world.balance("ann").available == 7)
            try await world.refund("o1", "ann", "r1", [("tea", 50, 1)])
            #expect(try await world.balance("ann").pending == 0)
            #expect(try await world.balance("ann").available == 0)
            try await world.order("o2", "ann", [("tea", 20, 1)])
            let runner = JobRunner(platform: world.platform)
            try await runner.ensureRecurring()
            world.clock.advance(milliseconds: 16 * Timestamp.millisecondsPerDay)
            try await runner.drain()
            #expect(try await world.balance("ann").available == 20)
        }
    }

    @Test(
        "an order that is changed afterwards is judged again, and what is added may be more or less",
        arguments: StoreKind.allCases)
    func updates(kind: StoreKind) async throws {
        let capped = #"{"id":"c","kind":"order_unit","points":10,"caps":[{"per":"member","period":"day","points":25}]}"#
        try await EarningWorld.with(kind, rules: Self.base + "," + capped) { world in
            try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 30, 1)])
            #expect(try await world.balance("ann").available == 40)
            world.clock.advance(milliseconds: 1_000)
            try await world.act(
                "Order Updated", "ann",
                #"{"order_id":"o1","revenue":110,"products":[{"sku":"tea","price":30,"quantity":2},{"sku":"pot","price":50}]}"#
            )
            // 110, and three pieces of which the day's cap leaves 25.
            #expect(try await world.balance("ann").available == 135)
            world.clock.advance(milliseconds: 1_000)
            try await world.act(
                "Order Updated", "ann", #"{"order_id":"o1","revenue":50,"products":[{"sku":"pot","price":50}]}"#)
            #expect(try await world.balance("ann").available == 60)
            // A program that is published later does not judge it anew.
            try await world.install(rules: #"{"id":"base","kind":"order_amount","points":9,"per":1}"#)
            world.clock.advance(milliseconds: 1_000)
            try await world.act(
                "Order Updated", "ann", #"{"order_id":"o1","revenue":40,"products":[{"sku":"pot","price":40}]}"#)
            #expect(try await world.balance("ann").available == 50)
            try await world.refund("o1", "ann", "r1", [("pot", 40, 1)])
            #expect(try await world.balance("ann").available == 0)
        }
    }

    @Test(
        "who becomes a member or is recognised later earns for orders of the days that count",
        arguments: StoreKind.allCases
    )
    func late(kind: StoreKind) async throws {
        try await EarningWorld.with(
            kind, rules: Self.base, more: #","enrolment":{"when":"asked","backdated_days":10}"#
        ) { world in
            let now = world.clock.now
            try await world.order("old", "ann", [("tea", 500, 1)], at: now.adding(days: -20))
            try await world.order("o1", "ann", [("tea", 50, 1)], at: now.adding(days: -5))
            #expect(try await world.record("order:o1") == nil)
            try await world.member("ann")
            #expect(try await world.balance("ann").available == 50)
            // An order of nobody known, which turns out to be Ann's.
            let anonymous = [IdentityClaim(kind: "anonymous_id", value: "a1")]
            try await world.send(
                "Order Completed", "", #"{"order_id":"o2","revenue":30}"#, identities: anonymous)
            try await world.process()
            #expect(try await world.record("order:o2") == nil)
            try await world.send(
                "Identify", "", kind: .identify, identities: anonymous + [IdentityClaim(kind: "user_id", value: "ann")])
            try await world.process()
            #expect(try await world.balance("ann").available == 80)
            // Too old to be believed.
            try await world.order("o3", "ann", [("tea", 70, 1)], at: now.adding(days: -200))
            #expect(try await world.balance("ann").available == 80)
        }
    }

    @Test("the program takes in whom its policy says, once, with the order that did it", arguments: StoreKind.allCases)
    func enrolment(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: Self.base, more: #","enrolment":{"when":"ordered"}"#) { world in
            try await world.identify("ann")
            #expect(try await world.platform.store.read { try $0.query("SELECT 1 FROM points_accounts").count } == 0)
            try await world.order("o1", "ann", [("tea", 50, 1)])
            try await world.order("o2", "ann", [("tea", 20, 1)])
            #expect(try await world.balance("ann").available == 70)
            #expect(
                try await world.platform.store.read {
                    try $0.query("SELECT 1 FROM event_log WHERE name = 'Member Enrolled'").count
                } == 1)
        }
    }

    @Test(
        "a merge of two members takes what they earned along, and returns still find it", arguments: StoreKind.allCases)
    func merge(kind: StoreKind) async throws {
        let capped = #"{"id":"c","kind":"order_fixed","points":10,"caps":[{"per":"member","times":2}]}"#
        try await EarningWorld.with(kind, rules: Self.base + "," + capped) { world in
            let phone = IdentityClaim(kind: "phone", value: "+8613800138000")
            try await world.send("Identify", "", kind: .identify, identities: [phone])
            try await world.process()
            try await world.identify("ann")
            try await world.member("ann")
            let (id, effects) = (try await world.profile("+8613800138000"), world.platform.effects)
            _ = try await world.platform.store.write { try ProgramMembers.enrol(profile: id, effects: effects, $0) }
            try await world.order("o1", "ann", [("tea", 50, 1)])
            try await world.send("Order Completed", "", #"{"order_id":"o2","revenue":30}"#, identities: [phone])
            try await world.process()
            try await world.send(
                "Identify", "", kind: .identify, identities: [IdentityClaim(kind: "user_id", value: "ann"), phone])
            try await world.process()
            #expect(try await world.balance("ann").available == 100)
            try await world.order("o3", "ann", [("tea", 5, 1)])
            #expect(try await world.balance("ann").available == 105)
            try await world.act("Order Cancelled", "ann", #"{"order_id":"o2"}"#)
            try await world.act("Order Cancelled", "ann", #"{"order_id":"o1"}"#)
            #expect(try await world.balance("ann").available == 5)
            #expect(try await world.records("ann").count == 3)
        }
    }

    @Test("a budget for all holds while many are served at once", arguments: StoreKind.allCases)
    func budget(kind: StoreKind) async throws {
        try await EarningWorld.with(
            kind, rules: Self.base, more: #","budget":{"points":550},"enrolment":{"backdated_days":5}"#
        ) { world in
            let people = 12
            for number in 0..<people {
                try await world.send("Order Completed", "u\(number)", #"{"order_id":"o\#(number)","revenue":100}"#)
            }
            try await world.process()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<people { group.addTask { try await world.member("u\(number)") } }
                try await group.waitForAll()
            }
            var sum: Int64 = 0
            for number in 0..<people { sum += try await world.balance("u\(number)").available }
            #expect(sum == 550)
        }
    }
}
