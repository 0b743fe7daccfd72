// Earning: what rules give for what members do, as a pure function of facts.
//
// Invariants: the same facts, rules and uses give the same awards and the same waterfall. Amounts are integers; where
// something is divided the rule says how it is rounded, and what is rounded is spread over lines so that the lines add
// up to it. A cap is never exceeded, whatever the order in which things happen.

/// One thing that a member did, with everything that rules may ask about it.
package struct EarningFacts: Sendable {
    /// Natural key: `order:ORDER`, `event:POSITION`.
    package var key: String
    package var time: Timestamp
    package var member: EarningMember
    package var order: EarningOrder?
    package var event: CriteriaEvent?
    /// The person as conditions see them.
    package var subject: CriteriaSubject
    /// The account of who recommended the member, when the facts name one who is a member.
    package var referrer: Int64?
    /// How a streak of the rule in question stands.
    package var streak: EarningStreak?
    /// At `time`.
    package var clock: CriteriaClock

    package init(
        key: String, time: Timestamp, member: EarningMember, order: EarningOrder? = nil, event: CriteriaEvent? = nil,
        subject: CriteriaSubject, clock: CriteriaClock
    ) {
        self.key = key
        self.time = time
        self.member = member
        self.order = order
        self.event = event
        self.subject = subject
        self.clock = clock
        self.clock.now = time
        self.clock.today = clock.calendar.day(of: time)
    }

    var day: Int64 { clock.today }
}

/// Who earns.
package struct EarningMember: Sendable, Equatable {
    package var account: Int64
    package var since: Timestamp
    /// The code of the tier, if any.
    package var tier: String?
    /// What the tier makes of points.
    package var benefit: EarningBenefit?

    package init(account: Int64, since: Timestamp, tier: String? = nil, benefit: EarningBenefit? = nil) {
        self.account = account
        self.since = since
        self.tier = tier
        self.benefit = benefit
    }
}

/// Days in a row.
package struct EarningStreak: Sendable, Equatable {
    /// The last day of the workspace that counted.
    package var day: Int64
    package var length: Int64

    package init(day: Int64, length: Int64) {
        self.day = day
        self.length = length
    }
}

/// What rules give for, of an order: lines in minor units of the workspace's currency.
package struct EarningOrder: Sendable, Equatable {
    package var id: String
    /// In another currency than the workspace's: earns nothing.
    package var isForeign: Bool
    /// As conditions compare texts.
    package var store: String
    package var channel: String
    package var lines: [EarningLine]
    package var shipping: Int64
    /// No other kept order of the person is older.
    package var isFirst: Bool

    /// What was paid for goods.
    package var sum: Int64 { lines.reduce(0) { $0 + $1.amount } }
}

/// Lines of an order with the same product, as one.
package struct EarningLine: Sendable, Equatable {
    /// Unique in the order: product, else SKU, else name; empty where an order names no lines.
    package var key: String
    package var product: CriteriaOrder.Line
    /// Paid for it, without tax, less its share of the order's discount.
    package var amount: Int64
    package var tax: Int64
    package var quantity: Int64

    package init(key: String, product: CriteriaOrder.Line, amount: Int64, tax: Int64 = 0, quantity: Int64 = 1) {
        self.key = key
        self.product = product
        self.amount = amount
        self.tax = tax
        self.quantity = quantity
    }

    /// Stands for the shipping of an order; comes back when all of the order does.
    package static let shippingKey = "~shipping"
}
