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
    /// By line, in the order of the cart, and of shipping behind them.
    var amounts: [Int64]

    init(_ cart: CouponCart) {
        amounts = []
        amounts.reserveCapacity(cart.lines.count + 1)
        for line in cart.lines { amounts.append(line.amount) }
        amounts.append(cart.shipping)
    }

    /// All that can be taken off.
    var sum: Int64 { amounts.reduce(0, +) }

    /// What a coupon took before.
    mutating func take(_ discount: CouponDiscount, _ cart: CouponCart) {
        for share in discount.shares {
            guard let index = cart.lines.firstIndex(where: { $0.id == share.line }) else { continue }
            amounts[index] = max(0, amounts[index] - share.amount)
        }
        amounts[cart.lines.count] = max(0, amounts[cart.lines.count] - discount.shipping)
    }
}

/// Integer arithmetic of discounts.
enum CouponMath {
    /// What a share in proportion leaves over of a whole unit, and where.
    typealias Odd = (remainder: UInt64, place: Int)

    /// `amount · numerator ÷ denominator` over 128 bits.
    static func scaled(_ amount: Int64, _ numerator: Int64, _ denominator: Int64, roundsHalfUp: Bool) -> Int64 {
        guard denominator > 0, amount > 0, numerator > 0 else { return 0 }
        let (quotient, remainder) = divided(amount, numerator, denominator)
        return Int64(quotient) + (roundsHalfUp && remainder >= denominator.magnitude - remainder ? 1 : 0)
    }

    /// Takes an amount off what is left at some places of one of several remainders in a row, which begins at `start`:
    /// in proportion to what is left, by largest remainder (the method of Hamilton). The parts add up to the amount
    /// exactly, or to all that is left if that is less. Of equal remainders the earlier place is served first. `odd`:
    /// room to reckon in, for who takes often.
    static func take(
        _ amount: Int64, from amounts: inout [Int64], at start: Int, _ places: [Int], _ odd: inout [Odd]
    ) {
        var sum: Int64 = 0
        for place in places { sum += amounts[start + place] }
        guard sum > 0, amount > 0 else { return }
        guard amount < sum else {
            for place in places { amounts[start + place] = 0 }
            return
        }
        var rest = amount
        odd.removeAll(keepingCapacity: true)
        for place in places {
            let (quotient, remainder) = divided(amount, amounts[start + place], sum)
            amounts[start + place] -= Int64(quotient)
            rest -= Int64(quotient)
            if remainder > 0 { odd.append((remainder, place)) }
        }
        guard rest > 0 else { return }
        odd.sort { $0.remainder != $1.remainder ? $0.remainder > $1.remainder : $0.place < $1.place }
        for one in odd.prefix(Int(rest)) { amounts[start + one.place] -= 1 }
    }

    private static func divided(
        _ amount: Int64, _ numerator: Int64, _ denominator: Int64
    ) -> (quotient: UInt64, remainder: UInt64) {
        let product = amount.magnitude.multipliedFullWidth(by: numerator.magnitude)
        // Nearly every product fits 64 bits, where a division takes a fraction of the time.
        guard product.high > 0 else { return product.low.quotientAndRemainder(dividingBy: denominator.magnitude) }
        return denominator.magnitude.dividingFullWidth(product)
    }
}

extension CouponRule {
    /// Whether a line counts: for the minimum, and for what is taken off.
    func holds(_ line: CouponCart.Line) -> Bool {
        products.holds(line.sku) && categories.holds(line.category) && brands.holds(line.brand)
    }

    /// Takes the benefit off what is left of a cart, never more than that. `left`: what is on an amount coupon.
    func apply(left: Int64?, to cart: CouponCart, _ remainder: inout CouponRemainder) -> CouponDiscount {
        CouponTake(self, left: left, cart).take(from: &remainder, cart)
    }
}
