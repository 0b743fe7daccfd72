/// Everything that was said of one order; a fold whose result does not depend on the order or repetition of events.
///
/// Invariants: the natural key is the order id, a second `Order Completed` never adds a second order. Field by field
/// the newest event counts. A refund is known by its `refund_id`, else by its event's message id, and may come before
/// its order. Cancelling is final. The order belongs to whom the strongest claim names, the oldest of equals.
package struct OrderState: Sendable, Equatable {
    /// `Order Completed` and `Order Updated`, oldest first.
    package var accounts: [Account] = []
    package var refunds: [String: Refund] = [:]
    /// The oldest `Order Completed`; nil while the order is only rumoured.
    package var completedMS: Int64?
    package var cancelledMS: Int64?
    /// How the row's profile was chosen.
    package var ownership: Ownership?
    package var sourceID: Int64?

    /// One event's account of the order. Fields it does not mention are nil.
    package struct Account: Sendable, Equatable {
        package var version: Version
        package var facts: OrderFields
    }

    /// When, and which of simultaneous events: an update outweighs a completion, then the larger message id.
    package struct Version: Sendable, Hashable, Comparable {
        package var ms: Int64
        package var isUpdate: Bool
        package var messageID: String

        package static func < (left: Version, right: Version) -> Bool {
            if left.ms != right.ms { return left.ms < right.ms }
            if left.isUpdate != right.isUpdate { return right.isUpdate }
            return left.messageID < right.messageID
        }
    }

    package struct Refund: Sendable, Equatable {
        package var version: Version
        /// What was given back; nil: as the lines say, and without lines everything.
        package var amount: DecimalAmount?
        package var lines: [OrderLine]
    }

    /// The claim that made somebody the order's owner: a stronger one wins, of equals the older.
    package struct Ownership: Sendable, Hashable {
        package var priority: Int
        package var version: Version

        func outranks(_ other: Ownership) -> Bool {
            priority != other.priority ? priority > other.priority : version < other.version
        }
    }

    /// Accounts kept apart; of more the oldest two become one.
    static let accountsLimit = 12
    static let refundsLimit = 200

    package init() {}
}

/// What an order event says of an order; nil: it does not say.
package struct OrderFields: Sendable, Equatable {
    package var revenue: DecimalAmount?
    package var subtotal: DecimalAmount?
    package var total: DecimalAmount?
    package var shipping: DecimalAmount?
    package var tax: DecimalAmount?
    package var discount: DecimalAmount?
    package var quantity: DecimalAmount?
    package var coupon: String?
    package var currency: String?
    package var store: String?
    package var channel: String?
    package var lines: [OrderLine]?

    package init() {}

    /// The fields of `newer` where it has them.
    func overlaid(by newer: OrderFields) -> OrderFields {
        var result = self
        result.revenue = newer.revenue ?? revenue
        result.subtotal = newer.subtotal ?? subtotal
        result.total = newer.total ?? total
        result.shipping = newer.shipping ?? shipping
        result.tax = newer.tax ?? tax
        result.discount = newer.discount ?? discount
        result.quantity = newer.quantity ?? quantity
        result.coupon = newer.coupon ?? coupon
        result.currency = newer.currency ?? currency
        result.store = newer.store ?? store
        result.channel = newer.channel ?? channel
        result.lines = newer.lines ?? lines
        return result
    }
}

extension OrderState {
    /// Takes in one event. Returns whether the order now belongs to the profile of this event.
    package mutating func apply(
        _ input: OrderInput, at time: Timestamp, messageID: String, priority: Int, sourceID: Int64
    ) -> Bool {
        let version = Version(ms: time.milliseconds, isUpdate: input.action != .completed, messageID: messageID)
        switch input.action {
        case .completed:
            completedMS = min(completedMS ?? .max, version.ms)
            take(Account(version: version, facts: input.fields))
        case .updated:
            take(Account(version: version, facts: input.fields))
        case .refunded:
            let refund = Refund(version: version, amount: input.refundAmount, lines: input.fields.lines ?? [])
            take(refund, key: input.refundID.map { "r:" + $0 } ?? "m:" + messageID)
        case .cancelled:
            cancelledMS = min(cancelledMS ?? .max, version.ms)
        }
        // Whoever completed the order has it, before anyone who only changed it.
        let rank = priority + (input.action == .completed ? 1_000 : 0)
        let claim = Ownership(priority: rank, version: version)
        if let ownership, !claim.outranks(ownership) { return false }
        ownership = claim
        self.sourceID = sourceID
        return true
    }

    private mutating func take(_ account: Account) {
        guard !accounts.contains(where: { $0.version == account.version }) else { return }
        accounts.append(account)
        accounts.sort { $0.version < $1.version }
        if accounts.count > Self.accountsLimit {
            let oldest = accounts.removeFirst()
            accounts[0].facts = oldest.facts.overlaid(by: accounts[0].facts)
        }
    }

    private mutating func take(_ refund: Refund, key: String) {
        if let known = refunds[key] {
            if known.version < refund.version { refunds[key] = refund }
        } else if refunds.count < Self.refundsLimit {
            refunds[key] = refund
        }
    }

    /// The order as its newest accounts have it.
    package var fields: OrderFields {
        // Of most orders there is one.
        if accounts.count == 1 { return accounts[0].facts }
        return accounts.reduce(OrderFields()) { $0.overlaid(by: $1.facts) }
    }

    /// Whether something came back, or it was cancelled.
    var hasChanges: Bool { !refunds.isEmpty || cancelledMS != nil }
}
