/// What somebody is about to buy. Prices are minor units, before any coupon.
package struct CouponCart: Sendable, Equatable {
    package struct Line: Sendable, Equatable {
        /// How the till calls the line; unique in the cart.
        package var id: String
        package var sku: String
        package var category: String
        package var brand: String
        package var quantity: Int64
        package var unitPrice: Int64

        package init(
            id: String, sku: String, category: String = "", brand: String = "", quantity: Int64 = 1, unitPrice: Int64
        ) {
            self.id = id
            self.sku = sku
            self.category = category
            self.brand = brand
            self.quantity = quantity
            self.unitPrice = unitPrice
        }

        package var amount: Int64 { quantity * unitPrice }
    }

    package var lines: [Line]
    package var store: String
    package var channel: String
    package var currency: String
    package var shipping: Int64
    /// When it is bought; nil: now.
    package var at: Timestamp?

    package init(
        _ lines: [Line], store: String = "", channel: String = "", currency: String, shipping: Int64 = 0,
        at: Timestamp? = nil
    ) {
        self.lines = lines
        self.store = store
        self.channel = channel
        self.currency = currency
        self.shipping = shipping
        self.at = at
    }

    package var amount: Int64 { lines.reduce(0) { $0 + $1.amount } }

    /// Throws: `CouponError.cart` naming the first thing that cannot be, `.clockSkew`.
    func check(at now: Timestamp) throws {
        guard (1...CouponLimits.cartLines).contains(lines.count) else {
            throw CouponError.cart(field: "lines", reason: "must be 1 to \(CouponLimits.cartLines)")
        }
        guard Set(lines.map(\.id)).count == lines.count else {
            throw CouponError.cart(field: "lines", reason: "must have different ids")
        }
        var sum: Int64 = 0
        for (index, line) in lines.enumerated() {
            guard (1...CouponLimits.quantityMax).contains(line.quantity) else {
                throw CouponError.cart(
                    field: "lines[\(index)].quantity", reason: "must be 1 to \(CouponLimits.quantityMax)")
            }
            guard (0...CouponLimits.amountMax).contains(line.unitPrice) else {
                throw CouponError.cart(
                    field: "lines[\(index)].unit_price", reason: "must be 0 to \(CouponLimits.amountMax)")
            }
            let (product, overflows) = line.quantity.multipliedReportingOverflow(by: line.unitPrice)
            guard !overflows, product <= CouponLimits.cartMax, sum + product <= CouponLimits.cartMax else {
                throw CouponError.cart(field: "lines", reason: "come to more than \(CouponLimits.cartMax)")
            }
            sum += product
        }
        guard (0...CouponLimits.amountMax).contains(shipping) else {
            throw CouponError.cart(field: "shipping", reason: "must be 0 to \(CouponLimits.amountMax)")
        }
        if let at, abs(at.milliseconds - now.milliseconds) > CouponLimits.clockSkewMS {
            throw CouponError.clockSkew(minutesMax: Int(CouponLimits.clockSkewMS / 60_000))
        }
    }
}

/// What is known of who buys, as far as coupons ask.
package struct CouponPerson: Sendable, Equatable {
    package var id: Int64
    package var orders: Int64
    package var tier: String?
    package var segments: Set<Int64>
    /// Orders that used a definition, by its id.
    package var used: [Int64: Int64]

    package init(
        id: Int64, orders: Int64 = 0, tier: String? = nil, segments: Set<Int64> = [], used: [Int64: Int64] = [:]
    ) {
        self.id = id
        self.orders = orders
        self.tier = tier
        self.segments = segments
        self.used = used
    }
}
