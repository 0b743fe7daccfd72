/// A benefit made ready for one cart: which lines it holds for is asked once, and what is left of the cart many times.
struct CouponTake: Sendable {
    private enum Kind: Sendable {
        case amount(Int64)
        case percent(Int64, max: Int64?)
        /// Pieces of lines, the cheapest first.
        case pieces([Int], Int64)
        case shipping(max: Int64?)
    }

    private let kind: Kind
    private let holds: [Bool]
    private let prices: [Int64]
    private let quantities: [Int64]

    /// `left`: what is on an amount coupon.
    init(_ rule: CouponRule, left: Int64?, _ cart: CouponCart) {
        holds = cart.lines.map(rule.holds)
        prices = cart.lines.map(\.unitPrice)
        quantities = cart.lines.map(\.quantity)
        switch rule.benefit {
        case .amount(let face, _): kind = .amount(left ?? face)
        case .percent(let share, let most): kind = .percent(share, max: most)
        case .freeItem(let skus, let quantity):
            let places = cart.lines.indices.filter { skus.contains(cart.lines[$0].sku) && cart.lines[$0].unitPrice > 0 }
                .sorted { (cart.lines[$0].unitPrice, $0) < (cart.lines[$1].unitPrice, $1) }
            kind = .pieces(places, quantity)
        case .shipping(let most): kind = .shipping(max: most)
        }
    }

    /// Takes it off what is left, never more than that: how much by line, and off shipping.
    func take(from remainder: inout CouponRemainder) -> (lines: [Int64], shipping: Int64) {
        let amounts: [Int64]
        switch kind {
        case .amount(let amount): amounts = CouponMath.split(amount, by: weights(remainder))
        case .percent(let share, let most):
            let weights = weights(remainder)
            let wanted = CouponMath.scaled(weights.reduce(0, +), share, 10_000, roundsHalfUp: true)
            amounts = CouponMath.split(min(wanted, most ?? wanted), by: weights)
        case .pieces(let places, let quantity): amounts = pieces(places, quantity, remainder)
        case .shipping(let most):
            let taken = min(remainder.shipping, most ?? remainder.shipping)
            remainder.shipping -= taken
            return ([Int64](repeating: 0, count: holds.count), taken)
        }
        remainder.take(amounts)
        return (amounts, 0)
    }

    /// The most that it takes off, whatever others have taken: free pieces go on to dearer ones when the cheapest are
    /// gone, everything else takes the most of a whole cart.
    func most(alone: Int64) -> Int64 {
        guard case .pieces(let places, let quantity) = kind else { return alone }
        var (left, sum) = (quantity, Int64(0))
        for place in places.reversed() {
            let pieces = min(left, quantities[place])
            sum += pieces * prices[place]
            left -= pieces
        }
        return sum
    }

    private func weights(_ remainder: CouponRemainder) -> [Int64] {
        var weights = remainder.lines
        for place in weights.indices where !holds[place] { weights[place] = 0 }
        return weights
    }

    private func pieces(_ places: [Int], _ quantity: Int64, _ remainder: CouponRemainder) -> [Int64] {
        var amounts = [Int64](repeating: 0, count: holds.count)
        var left = quantity
        for place in places where left > 0 {
            // Another coupon may have made pieces of the line free already.
            let pieces = min(left, quantities[place], remainder.lines[place] / prices[place])
            amounts[place] = pieces * prices[place]
            left -= pieces
        }
        return amounts
    }
}
