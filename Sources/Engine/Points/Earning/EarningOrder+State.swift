extension EarningOrder {
    /// As its newest accounts have it, before anything came back. `currency`: the workspace's.
    package init(id: String, _ state: OrderState, currency: String, isFirst: Bool) {
        let fields = state.fields
        let own = fields.currency ?? currency
        let digits = CurrencyScale.digits(own)
        let charged = (fields.charged ?? .zero).minorUnits(digits: digits)
        let tax = max((fields.tax ?? .zero).minorUnits(digits: digits), 0)
        self.id = id
        isForeign = own != currency
        store = CriteriaValue.folded(fields.store ?? "")
        channel = CriteriaValue.folded(fields.channel ?? "")
        shipping = max((fields.shipping ?? .zero).minorUnits(digits: digits), 0)
        self.isFirst = isFirst
        var lines: [EarningLine] = []
        for line in EarningReturns.lines(fields) {
            let product = CriteriaOrder.Line(folding: line.line)
            lines.append(
                EarningLine(
                    key: line.key, product: product, amount: Int64(clamping: line.worth / 1_000), tax: 0,
                    quantity: DecimalAmount(nanos: line.quantity).minorUnits(digits: 0)))
        }
        let weights = lines.map(\.amount)
        if lines.isEmpty || weights.allSatisfy({ $0 == 0 }) && charged > 0 {
            self.lines = [EarningLine(key: "", product: CriteriaOrder.Line(), amount: charged, tax: tax)]
            return
        }
        let amounts = EarningRounding.spread(charged, over: weights)
        let taxes = EarningRounding.spread(tax, over: weights)
        for place in lines.indices { (lines[place].amount, lines[place].tax) = (amounts[place], taxes[place]) }
        self.lines = lines
    }
}

extension CriteriaOrder.Line {
    /// Texts as conditions compare them.
    init(folding line: OrderLine) {
        self.init()
        product = CriteriaValue.folded(line.productID ?? "")
        sku = CriteriaValue.folded(line.sku ?? "")
        name = CriteriaValue.folded(line.name ?? "")
        category = CriteriaValue.folded(line.category ?? "")
        brand = CriteriaValue.folded(line.brand ?? "")
    }
}

/// How much of each line of an order came back.
package enum EarningReturns {
    /// Lines with the same product, together.
    struct Line {
        var key: String
        var line: OrderLine
        /// Before the order's discount, in units of 10^-9.
        var worth: Int128
        var quantity: Int128
    }

    /// As much as came back of what there was, in the same unit.
    package struct Share: Sendable, Equatable {
        package var returned: Int128
        package var whole: Int128

        /// What is left of so many points: all that came back in any split takes all, nothing takes nothing.
        package func left(of points: Int64) -> Int64 {
            guard returned > 0 else { return points }
            guard whole > 0, returned < whole else { return 0 }
            // Both parts below 10^27 · 10^12.
            return points - Int64(Int128(points) * returned / whole)
        }
    }

    /// In units of 10^-5 and below 10^12, so that products of two fit.
    private static func coarse(_ nanos: Int128) -> Int128 { min(nanos, 1_000_000_000_000_000_000_000) / 10_000 }

    static func lines(_ fields: OrderFields) -> [Line] {
        var lines: [Line] = []
        for (place, line) in (fields.lines ?? []).enumerated() {
            let worth = max(line.total ?? .zero, .zero).nanos
            let quantity = max((line.quantity ?? DecimalAmount(1)).nanos, 0)
            let key = line.key ?? "~\(place + 1)"
            if let known = lines.firstIndex(where: { $0.key == key }) {
                lines[known].worth += worth
                lines[known].quantity += quantity
            } else {
                lines.append(Line(key: key, line: line, worth: worth, quantity: quantity))
            }
        }
        return lines
    }

    /// By line; `everything` when the order was cancelled or came back as a whole. Lines that are none of the order's
    /// products (`~shipping`, the order as a whole) come back by the share of its amount, or with everything.
    package static func shares(
        _ state: OrderState, currency: String
    ) -> (lines: [String: Share], rest: Share, everything: Bool) {
        let summary = state.summary(currency: currency)
        if summary.status == .cancelled || summary.status == .refunded {
            return ([:], Share(returned: 1, whole: 1), true)
        }
        let lines = lines(state.fields)
        let gross = (state.fields.charged ?? .zero).nanos
        var quantities: [String: Int128] = [:]
        var amounts: [String: Int128] = [:]
        var loose: Int128 = 0
        for refund in state.refunds.values {
            guard !refund.lines.isEmpty else {
                loose += max(refund.amount ?? .zero, .zero).nanos
                continue
            }
            for line in refund.lines {
                guard let key = line.key, let bought = lines.first(where: { $0.key == key }) else { continue }
                if let quantity = line.quantity, bought.quantity > 0 {
                    quantities[key, default: 0] += max(quantity.nanos, 0)
                } else {
                    amounts[key, default: 0] += line.total.map { max($0.nanos, 0) } ?? bought.worth
                }
            }
        }
        var shares: [String: Share] = [:]
        for line in lines {
            // A free line comes back by its pieces.
            let whole = line.worth > 0 ? line.worth : max(line.quantity, 1)
            var returned: Int128 = 0
            if let pieces = quantities[line.key] {
                returned += pieces >= line.quantity ? whole : whole * coarse(pieces) / max(coarse(line.quantity), 1)
            }
            returned += amounts[line.key] ?? 0
            if gross > 0, loose > 0 { returned += coarse(whole) * coarse(loose) / max(coarse(gross), 1) * 10_000 }
            shares[line.key] = Share(returned: min(returned, whole), whole: whole)
        }
        return (shares, Share(returned: min(loose, gross), whole: max(gross, 1)), false)
    }

    /// What is left of the points for a line once returns are taken off.
    package static func left(
        of points: Int64, line: String, _ shares: (lines: [String: Share], rest: Share, everything: Bool)
    ) -> Int64 {
        if shares.everything { return 0 }
        if let share = shares.lines[line] { return share.left(of: points) }
        // What belongs to the order as a whole, as its shipping, comes back with the whole of it.
        return line.isEmpty ? shares.rest.left(of: points) : points
    }
}
