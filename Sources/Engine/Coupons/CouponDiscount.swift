/// What one coupon takes off a cart: by line, which adds up exactly, and off shipping. Every line of the cart is there,
/// so that a return can name it.
package struct CouponDiscount: Sendable, Equatable {
    package struct Share: Sendable, Equatable {
        package var line: String
        /// Of the line in the cart, for returns of a part.
        package var quantity: Int64
        package var amount: Int64
        /// Pieces that came back.
        package var returned: Int64 = 0

        package init(line: String, quantity: Int64, amount: Int64, returned: Int64 = 0) {
            self.line = line
            self.quantity = quantity
            self.amount = amount
            self.returned = returned
        }

        /// What of the discount came back with the pieces: ⌊amount · returned ÷ quantity⌋ in all, so that any split of
        /// returns adds up to the same and the last piece takes the rest.
        package var givenBack: Int64 {
            CouponMath.scaled(amount, returned, quantity, roundsHalfUp: false)
        }
    }

    package var shares: [Share] = []
    package var shipping: Int64 = 0

    package init(shares: [Share] = [], shipping: Int64 = 0) {
        self.shares = shares
        self.shipping = shipping
    }

    package var amount: Int64 { shares.reduce(shipping) { $0 + $1.amount } }
}

/// What of a cart is left to take off, while coupons are applied one after the other.
struct CouponRemainder: Sendable, Equatable {
    /// By line, in the order of the cart.
    var lines: [Int64]
    var shipping: Int64

    init(_ cart: CouponCart) {
        lines = cart.lines.map(\.amount)
        shipping = cart.shipping
    }

    /// What a coupon took before.
    mutating func take(_ discount: CouponDiscount, _ cart: CouponCart) {
        for share in discount.shares {
            guard let index = cart.lines.firstIndex(where: { $0.id == share.line }) else { continue }
            lines[index] = max(0, lines[index] - share.amount)
        }
        shipping = max(0, shipping - discount.shipping)
    }

    mutating func take(_ amounts: [Int64]) {
        for (index, amount) in amounts.enumerated() { lines[index] -= amount }
    }
}

/// Integer arithmetic of discounts.
enum CouponMath {
    /// `amount · numerator ÷ denominator` over 128 bits.
    static func scaled(_ amount: Int64, _ numerator: Int64, _ denominator: Int64, roundsHalfUp: Bool) -> Int64 {
        guard denominator > 0, amount > 0, numerator > 0 else { return 0 }
        let product = amount.magnitude.multipliedFullWidth(by: numerator.magnitude)
        let (quotient, remainder) = denominator.magnitude.dividingFullWidth(product)
        return Int64(quotient) + (roundsHalfUp && remainder >= denominator.magnitude - remainder ? 1 : 0)
    }

    /// Splits an amount in proportion to weights by largest remainder (the method of Hamilton): the parts add up to the
    /// amount exactly, and none is above its weight as long as the amount is not above their sum. Of equal remainders
    /// the earlier weight is served first.
    static func split(_ amount: Int64, by weights: [Int64]) -> [Int64] {
        let sum = weights.reduce(0, +)
        guard sum > 0, amount > 0 else { return weights.map { _ in 0 } }
        let amount = min(amount, sum)
        var parts: [Int64] = []
        var remainders: [(remainder: UInt64, index: Int)] = []
        for (index, weight) in weights.enumerated() {
            let product = amount.magnitude.multipliedFullWidth(by: max(0, weight).magnitude)
            let (quotient, remainder) = sum.magnitude.dividingFullWidth(product)
            parts.append(Int64(quotient))
            if remainder > 0 { remainders.append((remainder, index)) }
        }
        remainders.sort { $0.remainder != $1.remainder ? $0.remainder > $1.remainder : $0.index < $1.index }
        for place in remainders.prefix(Int(amount - parts.reduce(0, +))) { parts[place.index] += 1 }
        return parts
    }
}

extension CouponRule {
    /// Whether a line counts: for the minimum, and for what is taken off.
    func holds(_ line: CouponCart.Line) -> Bool {
        products.holds(line.sku) && categories.holds(line.category) && brands.holds(line.brand)
    }

    /// Takes the benefit off what is left of a cart, never more than that. `left`: what is on an amount coupon.
    func apply(left: Int64?, to cart: CouponCart, _ remainder: inout CouponRemainder) -> CouponDiscount {
        let taken = CouponTake(self, left: left, cart).take(from: &remainder)
        return CouponDiscount(
            shares: zip(cart.lines, taken.lines).map {
                CouponDiscount.Share(line: $0.id, quantity: $0.quantity, amount: $1)
            }, shipping: taken.shipping)
    }
}
