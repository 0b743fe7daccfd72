import Storage

/// What it takes to say what a draft would have cost: prices of messages, what points and coupons are worth, and how many
/// coupons there are to give.
struct JourneyDryTerms: Sendable, Equatable {
    struct Coupon: Sendable, Equatable {
        var isActive = true
        /// How many may still be issued; nil: no bound.
        var remaining: Int64?
        var perPerson: Int64?
        /// So far, and the discounts that those came to.
        var issued: Int64 = 0
        var discount: Int64 = 0
        /// What one can come to at most; nil: nothing says.
        var most: Int64?
    }

    var costs = ReachCosts()
    /// By currency: what a thousand are worth, in minor units; 0: nothing is said.
    var currencies: [String: Int64] = [:]
    var coupons: [Int64: Coupon] = [:]

    /// Of what the draft names. Throws: `StorageError`, `DecodingError`.
    static func load(_ definition: JourneyDefinition, _ connection: any SQLConnection) throws -> JourneyDryTerms {
        var terms = JourneyDryTerms()
        terms.costs = try ReachCosts.load(connection)
        for stored in try PointsCurrencies.list(connection) {
            terms.currencies[stored.currency.code] = stored.currency.valuePerThousand ?? 0
        }
        var named: Set<Int64> = []
        definition.visit { step, _ in
            if let node = step.node as? CouponNode { named.insert(node.coupon) }
        }
        for id in named.sorted() {
            do {
                terms.coupons[id] = Coupon(try CouponDefinitions.get(id, connection))
            } catch CouponError.definitionNotFound {
                continue
            }
        }
        return terms
    }

    /// What figures come to, each part rounded half up. A coupon costs what those issued so far came to on average, as the
    /// report of a journey counts them; one that was never issued costs the most that it can come to. Pure.
    func cost(of figures: JourneyDryOutcome.Figures) -> JourneyDryOutcome.Cost {
        var cost = JourneyDryOutcome.Cost()
        cost.spent.messages = costs.cost(of: figures.left)
        for (currency, points) in figures.points {
            cost.spent.points += JourneyGifts.worth(of: points, perThousand: currencies[currency] ?? 0)
        }
        for (id, count) in figures.coupons {
            let coupon = coupons[id] ?? Coupon()
            let most = coupon.most.map { Shares.of(count, times: $0, over: 1) }
            cost.couponsAtMost += most ?? 0
            if coupon.issued > 0 {
                cost.spent.coupons += Shares.of(coupon.discount, times: count, over: coupon.issued)
            } else if let most {
                cost.spent.coupons += most
            } else {
                cost.unpricedCoupons += count
            }
        }
        return cost
    }
}

extension JourneyDryTerms.Coupon {
    fileprivate init(_ definition: CouponDefinition) {
        let (rule, tally) = (definition.rule, definition.tally)
        isActive = definition.status == .active
        remaining = rule.limits.issued.map { max(0, $0 - tally.issued) }
        perPerson = rule.limits.issuedPerPerson
        (issued, discount) = (tally.issued, max(0, tally.discount))
        most =
            switch rule.benefit {
            case .amount(let amount, _): amount
            case .percent(_, let max), .shipping(let max): max
            case .freeItem: nil
            }
    }
}

/// Parts of whole numbers.
enum Shares {
    /// What sums stay far below, so that several of them can be added up.
    private static let most = Int64.max / 1_000

    /// `value · times / over`, rounded half up; none below 0, `over` above 0. Pure.
    static func of(_ value: Int64, times: Int64, over: Int64) -> Int64 {
        precondition(value >= 0 && times >= 0 && over > 0, "parts are taken of what is there")
        let (product, whole) = (Int128(value) * Int128(times), Int128(over))
        return min(most, Int64(clamping: (2 * product + whole) / (2 * whole)))
    }
}
