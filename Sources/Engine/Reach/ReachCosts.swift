import Storage

/// What writing to people costs, for the return of journeys and broadcasts.
package struct ReachCosts: Codable, Sendable, Equatable {
    /// By channel: a thousand messages, in minor units of the workspace's currency. Not named: nothing.
    package var perThousand: [String: Int64]

    private static let name = "reach_costs"
    package static let most: Int64 = 100_000_000

    package init(perThousand: [String: Int64] = [:]) {
        self.perThousand = perThousand
    }

    /// Throws: `StorageError`, `DecodingError`.
    package static func load(_ connection: any SQLConnection) throws -> ReachCosts {
        try Settings.load(ReachCosts.self, name, connection) ?? ReachCosts()
    }

    /// Throws: `ReachError`, `StorageError`.
    package func save(by actor: String, at now: Timestamp, _ connection: any SQLConnection) throws {
        for (channel, cost) in perThousand {
            guard ChannelCatalog.names.contains(channel) else { throw ReachError.unknownChannel(channel) }
            guard (0...Self.most).contains(cost) else { throw ReachError.badCost(channel: channel, most: Self.most) }
        }
        try Settings.save(self, Self.name, connection, at: now)
        try AuditLog.append(
            actor: actor, action: "reach_costs.save", subject: "reach_costs", detail: "", connection, at: now)
    }

    /// Of messages by channel, rounded half up. Pure.
    func cost(of messages: [String: Int64]) -> Int64 {
        let thousandths = messages.reduce(Int64(0)) { $0 + $1.value * (perThousand[$1.key] ?? 0) }
        return (thousandths + 500) / 1_000
    }
}

package enum ReachError: Error, Sendable, Equatable {
    case unknownChannel(String)
    case badCost(channel: String, most: Int64)
    case badDays(limit: Int64)
    /// There is no such benefit in the ladder that holds.
    case unknownBenefit(String)
}

/// What something cost, in minor units of the workspace's currency.
package struct ReachSpent: Sendable, Equatable {
    package var messages: Int64 = 0
    /// Points given and not taken back, at what their currency says a thousand of them are worth.
    package var points: Int64 = 0
    /// Discounts of coupons that were given here, as they were redeemed and did not come back.
    package var coupons: Int64 = 0
    /// Uses of a benefit, at what one costs.
    package var benefits: Int64 = 0

    package var sum: Int64 { messages + points + coupons + benefits }

    /// Throws: `StorageError`.
    static func load(_ subject: ReachSubject, _ connection: any SQLConnection) throws -> ReachSpent {
        var spent = ReachSpent()
        if let filter = subject.messages {
            spent.messages = try ReachCosts.load(connection).cost(of: try MessageList.sentByChannel(filter, connection))
        }
        switch subject {
        case .broadcast: break
        case .journey(let id):
            spent.points = try JourneyGifts.worth(ofPoints: id, connection)
            spent.coupons = try JourneyGifts.discount(ofCoupons: id, connection)
        case .benefit(let tier, let code):
            let benefit = try TierLadders.current(connection)?.ladder.tier(tier)?.benefits.first { $0.code == code }
            guard let benefit else { throw ReachError.unknownBenefit(code) }
            let uses =
                try connection.first(
                    """
                    SELECT coalesce(sum(used), 0) FROM benefit_grants WHERE tier = \(tier) AND benefit = \(code)
                    """)?.int(0) ?? 0
            spent.benefits = uses * (benefit.cost ?? 0)
        }
        return spent
    }
}
