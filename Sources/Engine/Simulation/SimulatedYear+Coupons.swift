import Storage

/// Coupons at tills: locked, redeemed, given back, by many at the same moment, against limits.
extension SimulatedYear {
    struct HeldCoupon {
        var code: String
        var member: Int
        var definition: Int64
    }

    /// An order that coupons were used for.
    struct CouponOrder {
        var key: String
        var codes: [String]
        var member: Int
        var cart: CouponCart
        var isLocked: Bool
    }

    private static let ordersMax = 200
    private static let heldMax = 300

    /// A welcome once a person, a percentage with a limit in all, a card that keeps its rest, and two public codes.
    mutating func issueCampaigns() async throws {
        var welcome = CouponRule(.amount(3_000, keepsRest: false), currency: "CNY")
        welcome.limits.usedPerPerson = 1
        welcome.validity.days = 30
        var rare = CouponRule(.percent(1_000, max: 8_000), currency: "CNY")
        rare.limits.used = 40
        var card = CouponRule(.amount(10_000, keepsRest: true), currency: "CNY")
        card.validity.days = 365
        card.stacking = CouponStacking(group: "cards", mode: .sum)
        let effects = platform.effects
        for (name, rule) in [("Welcome", welcome), ("Rare", rare), ("Card", card)] {
            definitions.append(
                try await platform.store.write {
                    try CouponDefinitions.create(name: name, rule, by: "simulation", effects: effects, $0).id
                })
        }
        couponLimits = [definitions[1]: 40]
        _ = try await CouponIssuing.share(definitions[1], code: "RARE", usesMax: nil, by: "simulation", platform)
        _ = try await CouponIssuing.share(definitions[0], code: "HELLO", usesMax: 25, by: "simulation", platform)
    }

    mutating func couponStep() async throws {
        switch random.whole(0...99) {
        case 0..<30: try await issueCoupon()
        case 30..<65: try await useCoupon()
        case 65..<75: try await couponLockEnds()
        case 75..<88: try await couponOrderComesBack()
        default: try await couponAtOnce()
        }
        try await auditCoupons("coupons")
    }

    private mutating func issueCoupon() async throws {
        let member = someone()
        let (definition, key, profile) = (
            random.pick([definitions[0], definitions[2]]), "i\(step)", members[member].profile
        )
        let first = try await survive { platform, _ in
            try await CouponIssuing.issue(definition, to: profile, key: key, by: "simulation", platform)
        }
        let again = try await CouponIssuing.issue(definition, to: profile, key: key, by: "simulation", platform)
        guard again.isRepeat, again.coupon.id == first.coupon.id else { throw fail("coupon", ["issued twice"]) }
        held.append(HeldCoupon(code: first.coupon.code, member: member, definition: definition))
        if held.count > Self.heldMax { held.removeFirst(held.count - Self.heldMax) }
    }

    private mutating func cart() -> CouponCart {
        CouponCart(
            (0..<random.whole(1...4)).map { line in
                CouponCart.Line(
                    id: String(line), sku: "S-\(line)", quantity: Int64(random.whole(1...3)),
                    unitPrice: Int64(random.whole(1...20_000)))
            }, store: "shop-1", channel: "pos", currency: "CNY")
    }

    private mutating func useCoupon() async throws {
        let one = held.isEmpty || random.chance(0.3) ? nil : random.pick(held)
        let member = one?.member ?? someone()
        let code = one?.code ?? random.pick(["RARE", "HELLO"])
        let order = CouponOrder(
            key: "k\(step)", codes: [code], member: member, cart: cart(), isLocked: random.chance(0.4))
        let profile = members[member].profile
        do {
            if order.isLocked {
                _ = try await survive { platform, _ in
                    try await CouponOrders.lock(
                        Coupons.Question(codes: order.codes, profile: profile, cart: order.cart, order: order.key),
                        seconds: 3_600, by: "till", platform)
                }
            } else {
                try await redeem(order, profile)
            }
        } catch is CouponError {
            report.refused += 1
            return
        }
        report.coupons += 1
        couponOrders.append(order)
        if couponOrders.count > Self.ordersMax { couponOrders.removeFirst(couponOrders.count - Self.ordersMax) }
    }

    /// Again it is answered as the first time.
    private mutating func redeem(_ order: CouponOrder, _ profile: Int64) async throws {
        let first = try await survive { platform, _ in
            try await CouponOrders.redeem(
                order: order.key, codes: order.codes, profile: profile, cart: order.cart, by: "till", platform)
        }
        let again = try await CouponOrders.redeem(
            order: order.key, codes: order.codes, profile: profile, cart: order.cart, by: "till", platform)
        guard again.isRepeat, again.uses.map(\.use.discount) == first.uses.map(\.use.discount) else {
            throw fail("coupon", ["\(order.key) was redeemed twice, or told otherwise"])
        }
    }

    /// Captured as locked, let go, or left to time out.
    private mutating func couponLockEnds() async throws {
        guard let index = couponOrders.lastIndex(where: \.isLocked) else { return }
        let order = couponOrders.remove(at: index)
        let profile = members[order.member].profile
        if random.chance(0.5) {
            _ = try await survive { platform, _ in
                try await CouponOrders.release(order: order.key, codes: nil, by: "till", platform)
            }
        } else {
            do {
                _ = try await survive { platform, _ in
                    try await CouponOrders.redeem(
                        order: order.key, codes: order.codes, profile: profile, cart: nil, by: "till", platform)
                }
            } catch is CouponError { report.refused += 1 }
        }
    }

    private mutating func couponOrderComesBack() async throws {
        let done = couponOrders.indices.filter { !couponOrders[$0].isLocked }
        guard !done.isEmpty else { return }
        let order = couponOrders[random.pick(done)]
        let lines: [String: Int64]? = random.chance(0.5) ? nil : [order.cart.lines[0].id: 1]
        let key = "g\(step)"
        do {
            _ = try await survive { platform, _ in
                try await CouponOrders.giveBack(order: order.key, lines: lines, key: key, by: "till", platform)
            }
            let again = try await CouponOrders.giveBack(
                order: order.key, lines: lines, key: key, by: "till", platform)
            if !again.isRepeat { throw fail("coupon", ["\(order.key) came back twice"]) }
        } catch is CouponError { report.refused += 1 }
    }

    /// One coupon at many tills, or many coupons of a kind that a person may use once: one wins.
    private mutating func couponAtOnce() async throws {
        let (member, tills) = (someone(), random.whole(4...12))
        let (profile, platform, step) = (members[member].profile, platform, step)
        let isOneCode = random.chance(0.5)
        var codes: [String] = []
        for number in 0..<(isOneCode ? 1 : tills) {
            let answer = try await CouponIssuing.issue(
                definitions[0], to: profile, key: "b\(step)-\(number)", by: "simulation", platform)
            codes.append(answer.coupon.code)
        }
        let definition = definitions[0]
        let used = try await platform.store.read { connection in
            let person = try ProfileDetail.resolve(profile, connection)
            return try connection.first(
                "SELECT used FROM coupon_people WHERE profile_id = \(person) AND definition_id = \(definition)"
            )?.int(0) ?? 0
        }
        report.bursts += 1
        let cart = CouponCart([CouponCart.Line(id: "1", sku: "S-1", unitPrice: 9_000)], currency: "CNY")
        let redeemed = try await withThrowingTaskGroup(of: Int.self) { group in
            for till in 0..<tills {
                let code = codes[till % codes.count]
                group.addTask {
                    do {
                        _ = try await CouponOrders.redeem(
                            order: "b\(step)-\(till)", codes: [code], profile: profile, cart: cart, by: "till",
                            platform)
                        return 1
                    } catch CouponError.refused { return 0 }
                }
            }
            return try await group.reduce(0, +)
        }
        // Who has used the kind before, in this life or by a merge, uses it no more.
        let expected = used > 0 ? 0 : 1
        guard redeemed == expected else {
            throw fail("tills at once", ["\(redeemed) of \(tills) redeemed a coupon that goes once, not \(expected)"])
        }
    }
}
