/// What a cart comes to, line by line, in minor units: goods, what coupons take off, what points pay, what is left.
///
/// Pure. Whatever is split over lines adds up exactly; what comes back is ⌊part · returned ÷ pieces⌋ in all, so any
/// split of returns adds up to the same and the last piece takes the rest.
package struct TillBill: Codable, Sendable, Equatable {
    package struct Line: Codable, Sendable, Equatable {
        package var id: String
        package var sku: String
        package var category: String
        package var brand: String
        package var quantity: Int64
        package var unitPrice: Int64
        /// Before anything is taken off.
        package var goods: Int64
        package var discount: Int64 = 0
        /// Of the points that are spent, and what they are worth.
        package var points: Int64 = 0
        package var byPoints: Int64 = 0

        /// What is paid in money.
        package var paid: Int64 { goods - discount - byPoints }
    }

    /// What comes back with pieces of a line.
    package struct Part: Sendable, Equatable {
        package var line: String
        package var sku: String
        package var quantity: Int64
        package var money: Int64
        package var points: Int64
    }

    package var currency: String
    package var store: String
    package var channel: String
    package var lines: [Line]
    package var shipping: Int64
    package var shippingDiscount: Int64 = 0
    /// The currency of the ledger that is spent.
    package var spends: String?
    /// They are a pool's; nil: the person's own.
    package var spendsPool: Bool?

    /// A cart less what coupons take off.
    package init(_ cart: CouponCart, _ discounts: [CouponDiscount]) {
        currency = cart.currency
        (store, channel, shipping) = (cart.store, cart.channel, cart.shipping)
        lines = cart.lines.map { line in
            Line(
                id: line.id, sku: line.sku, category: line.category, brand: line.brand, quantity: line.quantity,
                unitPrice: line.unitPrice, goods: line.amount)
        }
        for discount in discounts {
            shippingDiscount += discount.shipping
            for share in discount.shares {
                if let place = lines.firstIndex(where: { $0.id == share.line }) {
                    lines[place].discount += share.amount
                }
            }
        }
    }

    package var goods: Int64 { lines.reduce(0) { $0 + $1.goods } }
    package var discount: Int64 { lines.reduce(0) { $0 + $1.discount } }
    package var points: Int64 { lines.reduce(0) { $0 + $1.points } }
    package var byPoints: Int64 { lines.reduce(0) { $0 + $1.byPoints } }
    /// What is paid in money for goods: what the order comes to as an event, and what earns.
    package var paid: Int64 { lines.reduce(0) { $0 + $1.paid } }
    package var shippingPaid: Int64 { max(shipping - shippingDiscount, 0) }
    package var due: Int64 { paid + shippingPaid }

    /// Lets points pay for goods, spread over the lines by what is left to pay.
    package mutating func pay(_ currency: String, points: Int64, worth: Int64, isOfPool: Bool = false) {
        (spends, spendsPool) = (currency, isOfPool ? true : nil)
        let worths = EarningRounding.spread(min(worth, paid), over: lines.map(\.paid))
        let shares = EarningRounding.spread(points, over: worths)
        for place in lines.indices { (lines[place].byPoints, lines[place].points) = (worths[place], shares[place]) }
    }

    /// What these pieces bring back, after those that came back before. Throws: `TillError.lineNotFound`,
    /// `.lineQuantity`.
    package func parts(of pieces: [String: Int64], before: [String: Int64]) throws -> [Part] {
        for id in pieces.keys.sorted() where !lines.contains(where: { $0.id == id }) {
            throw TillError.lineNotFound(id)
        }
        return try lines.compactMap { line in
            guard let wanted = pieces[line.id] else { return nil }
            let earlier = before[line.id] ?? 0
            guard wanted > 0, wanted <= line.quantity - earlier else {
                throw TillError.lineQuantity(line: line.id, left: line.quantity - earlier)
            }
            func part(_ whole: Int64) -> Int64 {
                CouponMath.scaled(whole, earlier + wanted, line.quantity, roundsHalfUp: false)
                    - CouponMath.scaled(whole, earlier, line.quantity, roundsHalfUp: false)
            }
            return Part(
                line: line.id, sku: line.sku, quantity: wanted, money: part(line.paid), points: part(line.points))
        }
    }

    /// Pieces that have not come back.
    package func left(after returned: [String: Int64]) -> [String: Int64] {
        var left: [String: Int64] = [:]
        for line in lines where line.quantity > returned[line.id] ?? 0 {
            left[line.id] = line.quantity - (returned[line.id] ?? 0)
        }
        return left
    }
}
