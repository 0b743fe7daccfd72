import Storage
import TestSupport
import Testing

@testable import Engine

/// The till: one transaction a command, the event path for what is earned, and everything reversed by any split.
@Suite("The till", .serialized)
struct TillTests {
    private static let currency = PointsCurrency(code: "points", valuePerThousand: 1_000)

    private static func cart(
        _ lines: [(id: String, sku: String, quantity: Int64, price: Int64)], at: Timestamp? = nil,
        currency: String = "CNY", shipping: Int64 = 0
    ) -> CouponCart {
        CouponCart(
            lines.map { CouponCart.Line(id: $0.id, sku: $0.sku, quantity: $0.quantity, unitPrice: $0.price) },
            store: "sh-01", channel: "pos", currency: currency, shipping: shipping, at: at)
    }

    private static let tea = cart([("1", "tea", 3, 10_000), ("2", "cup", 1, 5_000)], shipping: 800)

    private static func sale(
        _ order: String, _ user: String = "ann", _ cart: CouponCart = tea, codes: [String]? = nil, points: Int64 = 0,
        hold: String? = nil
    ) -> Till.Sale {
        Till.Sale(
            order: order, who: .identity(kind: "user_id", value: user), cart: cart, codes: codes,
            spending: points > 0 ? Till.Spending(currency: "points", amount: points, hold: hold) : nil)
    }

    private static func coupon(_ world: EarningWorld, _ amount: Int64 = 3_500) async throws -> Int64 {
        let effects = world.platform.effects
        return try await world.platform.store.write {
            try CouponDefinitions.create(
                name: "Off \(amount)", CouponRule(.amount(amount, keepsRest: false), currency: "CNY"), by: "test",
                effects: effects, $0
            ).id
        }
    }

    private static func grant(_ world: EarningWorld, _ user: String, _ amount: Int64, _ key: String) async throws {
        let member = try await world.member(user)
        _ = try await Points.perform(
            .award(account: member.id, currency: "points", PointsAward(key: key, amount: amount, source: "test")),
            world.platform)
    }

    @discardableResult
    private static func commit(_ sale: Till.Sale, _ world: EarningWorld) async throws -> TillReceipt {
        try await TillCommit.run(sale, by: "till", world.platform)
    }

    @discardableResult
    private static func takeBack(
        _ order: String, _ key: String, _ pieces: [String: Int64]?, _ world: EarningWorld
    ) async throws -> TillReceipt {
        try await TillReturn.run(.init(order: order, key: key, pieces: pieces), by: "till", world.platform)
    }

    private static func count(_ sql: SQL, _ world: EarningWorld) async throws -> Int64 {
        try await world.platform.store.read { try $0.first(sql)?.int(0) ?? 0 }
    }

    @Test("a commit is what the quote said; the shop's own event later finds it done", arguments: StoreKind.allCases)
    func once(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base, currency: Self.currency) { world in
            try await Self.grant(world, "ann", 2_000, "gift")
            let profile = try await world.profile("ann")
            let id = try await Self.coupon(world)
            let code = try await CouponIssuing.issue(id, to: profile, key: "k", by: "test", world.platform).coupon.code
            let quote = try await TillQuote.ask(Self.sale("o1", points: 1_500), by: "till", world.platform)
            // ¥350 of goods, ¥35 by the coupon that fits best, ¥15 by points.
            #expect(quote.applied.map(\.code) == [code])
            #expect(quote.bill.discount == 3_500 && quote.bill.byPoints == 1_500 && quote.bill.paid == 30_000)
            #expect(quote.bill.due == 30_800)
            #expect(quote.earned.points == ["points": 300])
            #expect(quote.spendable.map(\.most) == [2_000])
            #expect(try await Self.count("SELECT count(*) FROM till_orders", world) == 0)
            #expect(try await Self.count("SELECT count(*) FROM coupon_uses", world) == 0)
            let receipt = try await Self.commit(Self.sale("o1", codes: [code], points: 1_500), world)
            #expect(!receipt.isRepeat)
            #expect(receipt.document["bill"] == quote.bill.json)
            #expect(receipt.document["earned"] == ["points": 300])
            #expect(try await world.balance("ann").available == 2_000 - 1_500 + 300)
            let again = try await Self.commit(Self.sale("o1", codes: [code], points: 1_500), world)
            #expect(again.isRepeat && again.document == receipt.document)
            // The processor passes over it, and the shop's own word of the same order gives nothing more.
            try await world.process()
            let products =
                #"[{"sku":"tea","quantity":3,"amount":257.14},{"sku":"cup","quantity":1,"amount":42.86}]"#
            try await world.act(
                "Order Completed", "ann",
                #"{"order_id":"o1","revenue":300,"store":"sh-01","channel":"pos","products":\#(products)}"#)
            #expect(try await world.balance("ann").available == 800)
            #expect(try await Self.count("SELECT count(*) FROM orders", world) == 1)
            #expect(try await Self.count("SELECT order_count FROM profiles WHERE id = \(profile)", world) == 1)
            let stored = try await world.platform.store.read { connection in
                try connection.query(
                    """
                    SELECT e.name FROM event_log e JOIN event_outcomes o ON o.position = e.position
                    WHERE e.kind = 'track' AND o.outcome = 'stored' ORDER BY e.position
                    """
                ).map { try $0.text(0) }
            }
            #expect(stored == ["Order Completed", "Order Completed"])
        }
    }

    @Test("returns in any split bring back money, points and coupon, and leave nothing", arguments: StoreKind.allCases)
    func returns(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base, currency: Self.currency) { world in
            try await Self.grant(world, "ann", 1_777, "gift")
            let profile = try await world.profile("ann")
            let id = try await Self.coupon(world)
            let coupon = try await CouponIssuing.issue(id, to: profile, key: "k", by: "test", world.platform).coupon
            try await Self.commit(Self.sale("o1", codes: [coupon.code], points: 1_777), world)
            #expect(try await world.balance("ann").available == 297)
            var money: Int64 = 0
            for (key, pieces) in [("a", ["1": Int64(1)]), ("b", ["1": 1, "2": 1])] {
                let part = try await Self.takeBack("o1", key, pieces, world)
                money += part.document["refund"]?.intValue ?? 0
                #expect(part.document["complete"] == false)
                #expect(try await Self.takeBack("o1", key, pieces, world).isRepeat)
            }
            let last = try await Self.takeBack("o1", "c", nil, world)
            money += last.document["refund"]?.intValue ?? 0
            #expect(last.document["complete"] == true && last.document["left"] == [])
            #expect(money == 35_000 - 3_500 - 1_777)
            #expect(try await world.balance("ann").available == 1_777)
            #expect(try await Self.count("SELECT count(*) FROM coupons WHERE state = 'issued'", world) == 1)
            #expect(try await Self.count("SELECT net FROM orders WHERE order_id = 'o1'", world) == 0)
            await #expect(throws: TillError.nothingLeft) { try await Self.takeBack("o1", "d", nil, world) }
            await #expect(throws: TillError.keyReused("a")) { try await Self.takeBack("o1", "a", nil, world) }
        }
    }

    @Test("a cancellation gives back what is left with its shipping, once", arguments: StoreKind.allCases)
    func cancels(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base, currency: Self.currency) { world in
            try await Self.grant(world, "ann", 500, "gift")
            try await Self.commit(Self.sale("o1", points: 500), world)
            try await Self.takeBack("o1", "a", ["1": 1], world)
            let cancel = TillReturn.Request(order: "o1", key: "x", isCancellation: true)
            let receipt = try await TillReturn.run(cancel, by: "till", world.platform)
            #expect(receipt.document["shipping"] == 800)
            #expect(try await TillReturn.run(cancel, by: "till", world.platform).isRepeat)
            #expect(try await world.balance("ann").available == 500)
            await #expect(throws: TillError.orderClosed("o1")) { try await Self.takeBack("o1", "b", nil, world) }
            await #expect(throws: TillError.orderReused("o1")) {
                try await Self.commit(Self.sale("o1"), world)
            }
        }
    }

    @Test("what cannot be is refused with nothing half done", arguments: StoreKind.allCases)
    func refusals(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base, currency: Self.currency) { world in
            try await Self.grant(world, "ann", 1_000, "gift")
            try await world.member("bob")
            let id = try await Self.coupon(world)
            let (ann, bob) = (try await world.profile("ann"), try await world.profile("bob"))
            let own = try await CouponIssuing.issue(id, to: ann, key: "a", by: "test", world.platform).coupon.code
            let other = try await CouponIssuing.issue(id, to: bob, key: "b", by: "test", world.platform).coupon.code
            let end = try await Self.count("SELECT coalesce(max(position), 0) FROM event_log", world)
            let refused: [(Till.Sale, (any Error) -> Bool)] = [
                (Self.sale("n", "nobody"), { $0 as? TillError == .unknownPerson }),
                // The coupon is redeemed first and the points are not there: both are undone.
                (Self.sale("n", codes: [own], points: 1_001), { $0 is PointsError }),
                (Self.sale("n", codes: [own, other]), { $0 is CouponError }),
                (Self.sale("n", codes: [own, "NO-SUCH-CODE"]), { $0 is CouponError }),
                (Self.sale("n", "bob", points: 1), { $0 as? TillError == .worthless || $0 is PointsError }),
                (
                    Self.sale("n", "ann", Self.cart([("1", "tea", 1, 100)]), points: 101),
                    { $0 as? TillError == .tooManyPoints(most: 100) }
                ),
                (
                    Self.sale("n", "ann", Self.cart([("1", "tea", 1, 10_000)], currency: "USD"), points: 100),
                    { $0 as? TillError == .foreignCurrency("USD") }
                ),
                (
                    Self.sale(
                        "n", "ann",
                        Self.cart([("1", "tea", 1, 100)], at: world.clock.now.adding(milliseconds: 3_600_000))),
                    { $0 as? CouponError == .clockSkew(minutesMax: 15) }
                ),
                (Self.sale("n", points: 10, hold: "none"), { $0 as? PointsError == .holdNotFound("none") }),
                (Self.sale(String(repeating: "x", count: 121)), { $0 as? TillError == .key }),
            ]
            for (place, (sale, isMeant)) in refused.enumerated() {
                do {
                    try await Self.commit(sale, world)
                    Issue.record("the sale \(place) was committed")
                } catch {
                    #expect(isMeant(error), "\(place): \(error)")
                }
            }
            await #expect(throws: TillError.orderNotFound("n")) { try await Self.takeBack("n", "r", nil, world) }
            #expect(try await Self.count("SELECT coalesce(max(position), 0) FROM event_log", world) == end)
            #expect(try await Self.count("SELECT count(*) FROM orders", world) == 0)
            #expect(try await Self.count("SELECT count(*) FROM coupons WHERE state = 'issued'", world) == 2)
            #expect(try await world.balance("ann").available == 1_000)
            try await Self.commit(Self.sale("o1"), world)
            await #expect(throws: TillError.lineNotFound("9")) {
                try await Self.takeBack("o1", "r", ["9": 1], world)
            }
            await #expect(throws: TillError.lineQuantity(line: "1", left: 3)) {
                try await Self.takeBack("o1", "r", ["1": 4], world)
            }
            await #expect(throws: TillError.orderReused("o1")) {
                try await Self.commit(Self.sale("o1", "bob"), world)
            }
            try await world.order("web", "bob", [("tea", 5, 1)])
            await #expect(throws: TillError.orderTaken("web")) { try await Self.commit(Self.sale("web"), world) }
        }
    }

    @Test(
        "sixteen commits of one order are one, and many tills of one member lose nothing", arguments: StoreKind.allCases
    )
    func concurrent(kind: StoreKind) async throws {
        try await EarningWorld.with(
            kind, rules: EarningWorld.base,
            more: #","budget":{"currency":"points","points":1000000,"period":"year"}"#, currency: Self.currency
        ) { world in
            try await Self.grant(world, "ann", 100, "gift")
            let repeats = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await Self.commit(Self.sale("same", points: 100), world).isRepeat }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(repeats == 15)
            #expect(try await world.balance("ann").available == 349)
            // Twelve tills want 50 of the 349 there are, and give 1 each: as many as there is for.
            let small = Self.cart([("1", "tea", 1, 150)])
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        do {
                            try await Self.commit(Self.sale("t\(number)", "ann", small, points: 50), world)
                            return true
                        } catch PointsError.insufficient { return false }
                    }
                }
                for number in 0..<4 {
                    group.addTask {
                        try await world.send(
                            "Order Completed", "ann", #"{"order_id":"w\#(number)","revenue":1}"#)
                        return false
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try await world.process()
            #expect((6...7).contains(done))
            #expect(try await world.balance("ann").available == 349 - Int64(done) * 49 + 4)
            #expect(try await Self.count("SELECT count(*) FROM till_orders", world) == Int64(done) + 1)
            #expect(try await Self.count("SELECT count(*) FROM orders", world) == Int64(done) + 5)
        }
    }

    @Test("points held before are captured, and what the goods do not take is let go", arguments: StoreKind.allCases)
    func captures(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base, currency: Self.currency) { world in
            try await Self.grant(world, "ann", 1_000, "gift")
            let member = try await world.member("ann")
            let until = world.clock.now.adding(milliseconds: 600_000)
            _ = try await Points.perform(
                .reserve(account: member.id, currency: "points", 800, until: until, key: "h", note: [:]), world.platform
            )
            try await Self.commit(Self.sale("o1", points: 600, hold: "h"), world)
            let balance = try await world.balance("ann")
            #expect(balance.held == 0 && balance.available == 400 + 344)
        }
    }
    @Test(
        "an order that points paid wholly is refunded in part, then whole, as it comes back",
        arguments: StoreKind.allCases)
    func paidWithPoints(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base, currency: Self.currency) { world in
            try await Self.grant(world, "ann", 35_000, "gift")
            let cart = Self.cart([("1", "tea", 3, 10_000), ("2", "cup", 1, 5_000)])
            try await Self.commit(Self.sale("o1", "ann", cart, points: 35_000), world)
            #expect(try await Self.status("o1", world) == "completed")
            for (key, pieces) in [("a", ["1": Int64(1)]), ("b", ["2": 1]), ("c", ["1": 1])] {
                let part = try await Self.takeBack("o1", key, pieces, world)
                #expect(part.document["refund"] == 0)
                #expect(try await Self.status("o1", world) == "partially_refunded")
            }
            #expect(try await world.balance("ann").available == 25_000)
            try await Self.takeBack("o1", "d", nil, world)
            #expect(try await Self.status("o1", world) == "refunded")
            #expect(try await world.balance("ann").available == 35_000)
        }
    }

    @Test("what a till remembers holds until a version is published or a segment changes")
    func memory() async throws {
        try await EarningWorld.with(.sqlite, rules: EarningWorld.base, currency: Self.currency) { world in
            try await world.member("ann")
            let memory = TillMemory()
            func earned() async throws -> Int64? {
                try await TillQuote.ask(Self.sale("o"), by: "till", world.platform, memory).earned.points["points"]
            }
            #expect(try await earned() == 350)
            try await world.install(rules: #"{"id":"base","kind":"order_amount","points":2,"per":1}"#)
            #expect(try await earned() == 700)
            let receipt = try await TillCommit.run(Self.sale("o1"), by: "till", world.platform, memory)
            #expect(receipt.document["earned"] == ["points": 700])
            try await world.install(rules: EarningWorld.base)
            let back = try await TillReturn.run(
                .init(order: "o1", key: "r", pieces: ["2": 1]), by: "till", world.platform, memory)
            // Judged by the version that judged the order.
            #expect(back.document["taken_back"] == ["points": 100])
            #expect(try await earned() == 350)
        }
    }

    private static func status(_ order: String, _ world: EarningWorld) async throws -> String? {
        try await world.platform.store.read {
            try $0.first("SELECT status FROM orders WHERE order_id = \(order)")?.text(0)
        }
    }
}
