/// An order in figures, as its row shows it: computed from the state alone, in minor units.
package struct OrderSummary: Sendable, Equatable {
    package var status: OrderStatus
    package var orderedMS: Int64
    package var currency: String
    package var gross: Int64
    package var refunded: Int64
    package var net: Int64
    /// `net` when the order counts and is in the workspace's currency, else 0.
    package var netWorkspace: Int64
    /// Lines and pieces.
    package var lineCount: Int64
    package var quantity: Int64
    package var store: String?
    package var channel: String?
    /// In another currency than the workspace's: kept, and not counted in spend.
    package var isForeign: Bool
}

/// Where an order stands. `completed` and `partially_refunded` count as orders of a person.
package enum OrderStatus: String, Sendable, Codable, CaseIterable {
    /// An update, refund or cancellation came before the order itself.
    case pending
    case completed
    case partiallyRefunded = "partially_refunded"
    case refunded
    case cancelled

    /// Counts in a person's orders and spend; a full refund or a cancellation takes the order back.
    package var counts: Bool {
        self == .completed || self == .partiallyRefunded
    }
}

extension OrderState {
    /// The figures. `currency` is the workspace's; orders that name none are in it.
    package func summary(currency workspaceCurrency: String) -> OrderSummary {
        let fields = fields
        let currency = fields.currency ?? workspaceCurrency
        let digits = CurrencyScale.digits(currency)
        let gross = (fields.charged ?? .zero).minorUnits(digits: digits)
        let refunded = refundedUnits(of: gross, lines: fields.lines ?? [], digits: digits)
        let status = status(gross: gross, refunded: refunded)
        let net = status == .cancelled ? 0 : gross - refunded
        let lines = fields.lines ?? []
        let pieces =
            lines.isEmpty
            ? fields.quantity ?? .zero
            : lines.reduce(DecimalAmount.zero) { $0 + ($1.quantity ?? DecimalAmount(1)) }
        return OrderSummary(
            status: status, orderedMS: completedMS ?? firstMS, currency: currency, gross: gross, refunded: refunded,
            net: net, netWorkspace: status.counts && currency == workspaceCurrency ? net : 0,
            lineCount: Int64(lines.count), quantity: pieces.minorUnits(digits: 0), store: fields.store,
            channel: fields.channel, isForeign: currency != workspaceCurrency)
    }

    /// What was charged, in minor units of its own currency, as in the figures.
    func gross(currency workspaceCurrency: String) -> Int64 {
        let fields = fields
        return (fields.charged ?? .zero).minorUnits(digits: CurrencyScale.digits(fields.currency ?? workspaceCurrency))
    }

    private var firstMS: Int64 {
        let times = accounts.map(\.version.ms) + refunds.values.map(\.version.ms)
        return times.min() ?? cancelledMS ?? 0
    }

    private func status(gross: Int64, refunded: Int64) -> OrderStatus {
        guard completedMS != nil else { return .pending }
        if cancelledMS != nil { return .cancelled }
        guard !refunds.isEmpty else { return .completed }
        guard refunded >= gross else { return .partiallyRefunded }
        return gross > 0 || arePiecesBack ? .refunded : .partiallyRefunded
    }

    /// Of an order that cost no money (points paid it, or it was free) no amount tells: it is back once its pieces are.
    /// A refund that names none is of everything.
    private var arePiecesBack: Bool {
        var left: [String: Int128] = [:]
        for line in fields.lines ?? [] {
            guard let key = line.key else { continue }
            left[key, default: 0] += (line.quantity ?? DecimalAmount(1)).nanos
        }
        for refund in refunds.values {
            guard !refund.lines.isEmpty else { return true }
            for line in refund.lines {
                guard let key = line.key, let rest = left[key] else { continue }
                left[key] = rest - (line.quantity?.nanos ?? rest)
            }
        }
        return left.values.allSatisfy { $0 <= 0 }
    }

    /// Never more than was charged, whatever the refunds add up to.
    private func refundedUnits(of gross: Int64, lines: [OrderLine], digits: Int) -> Int64 {
        var sum: Int64 = 0
        for refund in refunds.values {
            let amount = refund.amount ?? refund.linesAmount(ordered: lines)
            guard let amount else { return gross }
            sum += min(max(amount, .zero).minorUnits(digits: digits), gross)
        }
        return min(sum, gross)
    }
}

extension OrderState.Refund {
    /// What the returned lines come to, by their own prices, else by the order's. Nil: nothing says, so all of it.
    fileprivate func linesAmount(ordered: [OrderLine]) -> DecimalAmount? {
        guard !lines.isEmpty else { return nil }
        var sum = DecimalAmount.zero
        for line in lines {
            guard let amount = line.total ?? share(of: line, in: ordered) else { continue }
            sum = sum + amount
        }
        return sum
    }

    /// The order's line in proportion to the pieces that came back.
    private func share(of line: OrderLine, in ordered: [OrderLine]) -> DecimalAmount? {
        guard let key = line.key, let bought = ordered.first(where: { $0.key == key }), let total = bought.total else {
            return nil
        }
        let pieces = (bought.quantity ?? DecimalAmount(1)).nanos
        guard let returned = line.quantity?.nanos, pieces > 0, returned < pieces else { return total }
        let (product, overflow) = total.nanos.multipliedReportingOverflow(by: returned)
        return DecimalAmount(nanos: overflow ? total.nanos / pieces * returned : product / pieces)
    }
}

extension OrderFields {
    /// What was charged for the products, after discounts, without shipping and tax.
    ///
    /// Segment's words (Spec: V2 Ecommerce Events, "Order Completed"): `revenue` is the revenue without shipping and
    /// tax, `subtotal` the total after discounts before shipping and tax, `total` everything together. The first that
    /// is there counts; without any of them the lines less the order's discount.
    package var charged: DecimalAmount? {
        if let amount = revenue ?? subtotal { return max(amount, .zero) }
        if let total { return max(total - (shipping ?? .zero) - (tax ?? .zero), .zero) }
        let amounts = (lines ?? []).compactMap(\.total)
        guard !amounts.isEmpty else { return nil }
        return max(amounts.reduce(.zero, +) - (discount ?? .zero), .zero)
    }
}
