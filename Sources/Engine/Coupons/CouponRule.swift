/// What a coupon gives and on which conditions: all that is printed on it.
///
/// A definition is edited in versions, and an issued coupon keeps the version that it was issued under: what is printed
/// on it never changes. Amounts are minor units of `currency`; days and hours are those of the workspace.
package struct CouponRule: Sendable, Equatable {
    package var benefit: CouponBenefit
    package var currency: String
    /// What the goods that it holds for have to come to before any discount; 0: anything.
    package var minimum: Int64 = 0
    /// By SKU.
    package var products = CouponScope()
    package var categories = CouponScope()
    package var brands = CouponScope()
    package var stores = CouponScope()
    package var channels = CouponScope()
    /// 1 Monday … 7 Sunday; none: every day.
    package var weekdays: [Int64] = []
    /// None: all day long.
    package var hours: [CouponHours] = []
    package var blackouts: [CouponDays] = []
    package var isFirstOrderOnly = false
    /// Codes of the tiers that may use it; none: everybody.
    package var tiers: [String] = []
    /// The segment whose people may use it.
    package var segment: Int64?
    package var validity = CouponValidity()
    package var limits = CouponRuleLimits()
    package var stacking = CouponStacking()

    package init(_ benefit: CouponBenefit, currency: String) {
        self.benefit = benefit
        self.currency = currency
    }

    /// The fields, each of which is printed.
    package enum Field: String, CaseIterable, Sendable {
        case benefit, currency, minimum, products, categories, brands, stores, channels, weekdays, hours, blackouts
        case isFirstOrderOnly = "first_order_only"
        case tiers, segment, validity, limits, stacking
    }

    /// Whether somebody has to be known for it to be judged.
    package var needsPerson: Bool {
        isFirstOrderOnly || !tiers.isEmpty || segment != nil || limits.usedPerPerson != nil
    }
}

/// What a coupon gives.
package enum CouponBenefit: Sendable, Equatable {
    /// `keepsRest`: what an order leaves stays on the coupon; else it lapses with the first order.
    case amount(Int64, keepsRest: Bool)
    /// In hundredths of a percent, rounded half up; at most `max`.
    case percent(Int64, max: Int64?)
    /// So many pieces of these SKUs, the cheapest in the cart first.
    case freeItem(skus: [String], quantity: Int64)
    /// Of the cost of shipping; all of it, or at most `max`.
    case shipping(max: Int64?)

    package var kind: Kind {
        switch self {
        case .amount: .amount
        case .percent: .percent
        case .freeItem: .freeItem
        case .shipping: .shipping
        }
    }

    package enum Kind: String, CaseIterable, Sendable {
        case amount, percent
        case freeItem = "free_item"
        case shipping
    }

    /// The order in which several coupons are applied to one cart: what is free first, then shares of what is left, then
    /// amounts, then shipping.
    var turn: Int {
        switch self {
        case .freeItem: 0
        case .percent: 1
        case .amount: 2
        case .shipping: 3
        }
    }

    /// Whether one coupon can serve several orders.
    package var keepsRest: Bool {
        if case .amount(_, let keeps) = self { return keeps }
        return false
    }

    /// What is on a new coupon; nil for all but amounts.
    var face: Int64? {
        if case .amount(let amount, _) = self { return amount }
        return nil
    }
}

/// Which of some codes count: those named, or all but those named.
package struct CouponScope: Sendable, Equatable {
    /// Empty: all.
    package var only: [String] = []
    package var except: [String] = []

    package init(only: [String] = [], except: [String] = []) {
        self.only = only
        self.except = except
    }

    package var isOpen: Bool { only.isEmpty && except.isEmpty }

    func holds(_ code: String) -> Bool {
        (only.isEmpty || only.contains(code)) && !except.contains(code)
    }
}

/// From a minute of the day to before another; over midnight when the second is the earlier.
package struct CouponHours: Sendable, Equatable {
    package var from: Int64
    package var until: Int64

    package init(from: Int64, until: Int64) {
        self.from = from
        self.until = until
    }

    func hold(_ minute: Int64) -> Bool {
        from < until ? (from..<until).contains(minute) : minute >= from || minute < until
    }
}

/// Days of the workspace, counted from 1970, the last included.
package struct CouponDays: Sendable, Equatable {
    package var from: Int64
    package var through: Int64

    package init(from: Int64, through: Int64) {
        self.from = from
        self.through = through
    }
}

/// When a coupon may be used: between two moments, and for so many days from its issue, rounded to the end of the day.
package struct CouponValidity: Sendable, Equatable {
    package var from: Timestamp?
    /// Exclusive.
    package var until: Timestamp?
    package var days: Int?

    package init(from: Timestamp? = nil, until: Timestamp? = nil, days: Int? = nil) {
        self.from = from
        self.until = until
        self.days = days
    }

    /// The span of a coupon issued at a moment: the day of issue and `days` after it, cut to the two moments.
    func span(issuedAt moment: Timestamp, _ calendar: LocalCalendar) -> (from: Timestamp, until: Timestamp?) {
        let start = max(moment, from ?? moment)
        guard let days else { return (start, until) }
        let end = calendar.start(ofDay: calendar.day(of: moment) + Int64(days) + 1)
        return (start, until.map { min($0, end) } ?? end)
    }
}

/// How many, in all and for one person; nil: no limit. One use is one order.
package struct CouponRuleLimits: Sendable, Equatable {
    package var issued: Int64?
    package var issuedPerPerson: Int64?
    package var used: Int64?
    package var usedPerPerson: Int64?

    package init(
        issued: Int64? = nil, issuedPerPerson: Int64? = nil, used: Int64? = nil, usedPerPerson: Int64? = nil
    ) {
        self.issued = issued
        self.issuedPerPerson = issuedPerPerson
        self.used = used
        self.usedPerPerson = usedPerPerson
    }
}

/// What other coupons the same order may use.
package struct CouponStacking: Sendable, Equatable {
    package enum Mode: String, CaseIterable, Sendable {
        /// None.
        case exclusive
        /// One of its group, with those of other groups.
        case bestOf = "best_of"
        /// Any that is not exclusive, of its own group as far as they allow the same.
        case sum
    }

    package var group: String
    package var mode: Mode

    package init(group: String = "", mode: Mode = .bestOf) {
        self.group = group
        self.mode = mode
    }

    func allows(_ other: CouponStacking) -> Bool {
        if mode == .exclusive || other.mode == .exclusive { return false }
        return group != other.group || (mode == .sum && other.mode == .sum)
    }
}
