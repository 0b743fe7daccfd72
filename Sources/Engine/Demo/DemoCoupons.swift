import Storage

/// A few campaigns of the demo brand, with coupons that people hold and have used. Doing it again adds nothing.
package enum DemoCoupons {
    private static let holders = 240
    private static let actor = "demo"

    private static func campaigns(_ now: Timestamp) -> [(name: String, rule: CouponRule)] {
        var welcome = CouponRule(.amount(3_000, keepsRest: false), currency: "CNY")
        welcome.minimum = 9_900
        welcome.isFirstOrderOnly = true
        welcome.validity.days = 30
        welcome.limits = CouponRuleLimits(issuedPerPerson: 1, usedPerPerson: 1)
        welcome.stacking = CouponStacking(mode: .exclusive)
        var spring = CouponRule(.amount(5_000, keepsRest: false), currency: "CNY")
        spring.minimum = 30_000
        spring.validity = CouponValidity(until: now.adding(days: 60))
        spring.stacking = CouponStacking(group: "满减", mode: .bestOf)
        var weekend = CouponRule(.percent(1_500, max: 8_000), currency: "CNY")
        weekend.weekdays = [6, 7]
        weekend.channels.except = ["wholesale"]
        weekend.validity.days = 90
        weekend.limits.usedPerPerson = 2
        weekend.stacking = CouponStacking(group: "折扣", mode: .bestOf)
        var card = CouponRule(.amount(10_000, keepsRest: true), currency: "CNY")
        card.validity.days = 365
        card.stacking = CouponStacking(group: "礼品卡", mode: .sum)
        var shipping = CouponRule(.shipping(max: nil), currency: "CNY")
        shipping.minimum = 6_800
        shipping.stacking = CouponStacking(group: "包邮", mode: .sum)
        return [("新客立减", welcome), ("满 300 减 50", spring), ("周末 8.5 折", weekend), ("百元礼品卡", card), ("包邮", shipping)]
    }

    /// Makes the campaigns, issues their coupons to some people and lets a part be locked and redeemed.
    /// Throws: `CouponError`, `StorageError`.
    package static func load(_ platform: Platform) async throws {
        let (effects, now) = (platform.effects, platform.effects.now())
        let (definitions, people, isNew) = try await platform.store.write { connection in
            let known = try CouponDefinitions.list(limit: CouponLimits.pageRows, connection)
            var isNew = false
            let definitions = try campaigns(now).map { campaign in
                if let before = known.first(where: { $0.name == campaign.name }) { return before.id }
                isNew = true
                return try CouponDefinitions.create(
                    name: campaign.name, campaign.rule, by: actor, effects: effects, connection
                ).id
            }
            let people = try connection.query(
                """
                SELECT id FROM profiles WHERE identified = 1 AND merged_into IS NULL AND deleted_ms IS NULL
                AND order_count > 0 ORDER BY last_seen_ms DESC, id LIMIT \(holders)
                """
            ).map { try $0.int(0) }
            return (definitions, people, isNew)
        }
        guard isNew, !people.isEmpty else { return }
        let issued = try await platform.store.write { connection in
            var issued: [(code: String, person: Int64, kind: Int)] = []
            var events: [SystemEvent] = []
            for (index, person) in people.enumerated() {
                for (kind, definition) in definitions.enumerated() where kind > 0 && (index + kind) % (kind + 1) == 0 {
                    let (answer, said) = try CouponIssuing.issue(
                        definition, to: person, key: "demo:\(definition):\(person)", by: actor, at: now, effects,
                        connection)
                    issued.append((answer.coupon.code, person, kind))
                    events += said
                }
            }
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            return issued
        }
        for (number, coupon) in issued.enumerated() where number % 3 == 0 { try await use(coupon, number, platform) }
        _ = try await CouponIssuing.share(definitions[4], code: "BAOYOU", usesMax: nil, by: actor, platform)
        _ = try await platform.store.write {
            try CouponBatches.ask(
                definitions[1], pattern: "CHA-####-####C", count: 500, by: actor, effects: effects, $0)
        }
    }

    /// Most redeem, some only lock; what does not apply today stays on the person's list.
    private static func use(
        _ coupon: (code: String, person: Int64, kind: Int), _ number: Int, _ platform: Platform
    ) async throws {
        let cart = CouponCart(
            [CouponCart.Line(id: "1", sku: "WL-104", category: "乌龙", quantity: 1, unitPrice: 39_800)],
            store: "sh-01", channel: "store", currency: "CNY", shipping: 1_200)
        let question = Coupons.Question(
            codes: [coupon.code], profile: coupon.person, cart: cart, order: "DEMO-\(number)")
        do {
            if number % 7 == 0 {
                _ = try await CouponOrders.lock(
                    question, seconds: CouponLimits.lockSecondsMax, by: CouponCaller(actor), platform)
            } else {
                _ = try await CouponOrders.redeem(
                    order: question.order, codes: [coupon.code], profile: coupon.person, cart: cart,
                    by: CouponCaller(actor), platform
                )
            }
        } catch CouponError.refused {
            return
        }
    }
}
