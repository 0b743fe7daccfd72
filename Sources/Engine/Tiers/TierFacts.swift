/// What is known of a member for deciding on a tier. Dated, so that a night that was missed can be caught up as it was.
package struct TierFacts: Sendable, Equatable {
    package var joined: Timestamp
    package var orders: [TierOrder]
    /// By currency of the ledger: what was earned and not taken back, with its moment.
    package var earnings: [String: [TierEarning]]
    /// Recency, frequency and monetary scores together; 0: never scored.
    package var rfm: Int64

    package init(
        joined: Timestamp, orders: [TierOrder] = [], earnings: [String: [TierEarning]] = [:], rfm: Int64 = 0
    ) {
        self.joined = joined
        self.orders = orders
        self.earnings = earnings
        self.rfm = rfm
    }

    func earned(_ currency: String, _ window: TierWindow) -> Int64 {
        (earnings[currency] ?? []).reduce(0) { window.contains($1.at) ? $0 + $1.amount : $0 }
    }

    /// As if nothing had come back.
    var withoutReturns: TierFacts {
        var facts = self
        for index in facts.orders.indices { facts.orders[index].returns = [] }
        return facts
    }
}

/// An order, and what came back of it.
package struct TierOrder: Sendable, Equatable {
    /// What is left after a return or a cancellation.
    package struct Standing: Sendable, Equatable {
        package var at: Timestamp
        package var net: Int64
        package var counts: Bool

        package init(at: Timestamp, net: Int64, counts: Bool) {
            self.at = at
            self.net = net
            self.counts = counts
        }
    }

    package var id: String
    package var at: Timestamp
    /// Minor units of the workspace's currency before anything came back.
    package var gross: Int64
    /// In the order in which they happened.
    package var returns: [Standing]

    package init(id: String, at: Timestamp, gross: Int64, returns: [Standing] = []) {
        self.id = id
        self.at = at
        self.gross = gross
        self.returns = returns
    }

    /// As it stood at a moment.
    func standing(before moment: Timestamp) -> Standing {
        returns.last { $0.at < moment } ?? Standing(at: at, net: gross, counts: true)
    }
}

package struct TierEarning: Sendable, Equatable {
    package var at: Timestamp
    package var amount: Int64

    package init(at: Timestamp, amount: Int64) {
        self.at = at
        self.amount = amount
    }
}
