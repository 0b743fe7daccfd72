/// A benefit made ready for one cart: which lines it takes from is asked once, and what is left of the cart many times.
struct CouponTake: Sendable {
    private enum Kind: Sendable {
        case amount(Int64)
        case percent(Int64, max: Int64?)
        case pieces(Int64)
        case shipping(max: Int64?)
    }

    private let kind: Kind
    /// Where the shipping stands behind the lines.
    private let shipping: Int
    /// Of the lines that it takes from, in their order; of free pieces the cheapest first.
    private let places: [Int]
    /// Of free pieces, by `places`.
    private let goods: [(price: Int64, quantity: Int64)]

    /// `left`: what is on an amount coupon.
    init(_ rule: CouponRule, left: Int64?, _ cart: CouponCart) {
        let lines = cart.lines
        shipping = lines.count
        switch rule.benefit {
        case .amount(let face, _):
            kind = .amount(left ?? face)
            places = lines.indices.filter { rule.holds(lines[$0]) }
            goods = []
        case .percent(let share, let most):
            kind = .percent(share, max: most)
            places = lines.indices.filter { rule.holds(lines[$0]) }
            goods = []
        case .freeItem(let skus, let quantity):
            kind = .pieces(quantity)
            let named = lines.indices.filter { skus.contains(lines[$0].sku) && lines[$0].unitPrice > 0 }
                .sorted { (lines[$0].unitPrice, $0) < (lines[$1].unitPrice, $1) }
            places = named
            goods = named.map { (lines[$0].unitPrice, lines[$0].quantity) }
        case .shipping(let most):
            kind = .shipping(max: most)
            places = []
            goods = []
        }
    }

    /// Takes it off what is left, never more than that.
    func take(from remainder: inout CouponRemainder, _ cart: CouponCart) -> CouponDiscount {
        let before = remainder.amounts
        var odd: [CouponMath.Odd] = []
        take(from: &remainder.amounts, at: 0, &odd)
        let after = remainder.amounts
        let shares = cart.lines.indices.map { place in
            let line = cart.lines[place]
            return CouponDiscount.Share(
                line: line.id, quantity: line.quantity, amount: before[place] - after[place])
        }
        return CouponDiscount(shares: shares, shipping: before[shipping] - after[shipping])
    }

    /// The same off one of several remainders in a row, of which it begins at `start`. `odd`: room to reckon in.
    func take(from amounts: inout [Int64], at start: Int, _ odd: inout [CouponMath.Odd]) {
        switch kind {
        case .amount(let amount): CouponMath.take(amount, from: &amounts, at: start, places, &odd)
        case .percent(let share, let most):
            var sum: Int64 = 0
            for place in places { sum += amounts[start + place] }
            let wanted = CouponMath.scaled(sum, share, 10_000, roundsHalfUp: true)
            CouponMath.take(min(wanted, most ?? wanted), from: &amounts, at: start, places, &odd)
        case .pieces(let quantity):
            var left = quantity
            for (place, good) in zip(places, goods) where left > 0 {
                // Another coupon may have made pieces of the line free already.
                let pieces = min(left, good.quantity, amounts[start + place] / good.price)
                amounts[start + place] -= pieces * good.price
                left -= pieces
            }
        case .shipping(let most):
            let left = amounts[start + shipping]
            amounts[start + shipping] = left - min(left, most ?? left)
        }
    }

    /// The most that it takes off, whatever others have taken: free pieces go on to dearer ones when the cheapest are
    /// gone, everything else takes the most of a whole cart.
    func most(alone: Int64) -> Int64 {
        guard case .pieces(let quantity) = kind else { return alone }
        var (left, sum) = (quantity, Int64(0))
        for good in goods.reversed() {
            let pieces = min(left, good.quantity)
            sum += pieces * good.price
            left -= pieces
        }
        return sum
    }
}
