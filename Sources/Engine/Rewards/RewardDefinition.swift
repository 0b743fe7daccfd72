/// What a reward is and costs, and who may have how many.
package struct RewardDefinition: Codable, Sendable, Equatable {
    package enum Fulfilment: String, Codable, Sendable, CaseIterable {
        /// Packed and sent.
        case shipped
        /// Handed out as a code, a coupon, a booking.
        case issued
    }

    /// By language.
    package var names: [String: String]
    package var descriptions: [String: String]
    package var currency: String
    /// For one, in the smallest part of the currency.
    package var points: Int64
    /// To be paid besides for one, in minor units of the workspace's currency.
    package var money: Int64
    package var fulfilment: Fulfilment
    /// How many a member may have; nil: any number.
    package var memberMax: Int64?
    /// Within how many days; nil: ever.
    package var memberDays: Int?
    /// Codes of the tiers that may have it; empty: everybody.
    package var tiers: [String]
    package var from: Timestamp?
    /// Not included.
    package var until: Timestamp?

    private enum CodingKeys: String, CodingKey {
        case names, descriptions, currency, points, money, fulfilment, tiers, from, until
        case memberMax = "member_max"
        case memberDays = "member_days"
    }

    package init(
        names: [String: String], descriptions: [String: String] = [:], currency: String, points: Int64,
        money: Int64 = 0, fulfilment: Fulfilment = .issued, memberMax: Int64? = nil, memberDays: Int? = nil,
        tiers: [String] = [], from: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.names = names
        self.descriptions = descriptions
        self.currency = currency
        self.points = points
        self.money = money
        self.fulfilment = fulfilment
        self.memberMax = memberMax
        self.memberDays = memberDays
        self.tiers = tiers
        self.from = from
        self.until = until
    }

    /// The name in a language, else in any.
    package func name(_ language: String) -> String {
        names[language] ?? names.min { $0.key < $1.key }?.value ?? ""
    }

    package func text(_ language: String) -> String {
        descriptions[language] ?? descriptions.min { $0.key < $1.key }?.value ?? ""
    }

    /// Throws: `RewardError.invalid` naming the first field that cannot be used.
    package func validate() throws {
        func refuse(_ field: String, _ reason: String) -> RewardError { .invalid(field: field, reason: reason) }
        guard !names.isEmpty,
            names.allSatisfy({
                Workspace.languages.contains($0.key) && (1...RewardLimits.nameCharacters).contains($0.value.count)
            })
        else {
            throw refuse("names", "must be en or zh-Hans, each 1 to \(RewardLimits.nameCharacters) characters")
        }
        guard
            descriptions.allSatisfy({
                Workspace.languages.contains($0.key) && $0.value.count <= RewardLimits.textCharacters
            })
        else {
            throw refuse("descriptions", "must be en or zh-Hans, up to \(RewardLimits.textCharacters) characters")
        }
        guard (1...RewardLimits.priceMax).contains(points) else {
            throw refuse("points", "must be 1 to \(RewardLimits.priceMax)")
        }
        guard (0...RewardLimits.priceMax).contains(money) else {
            throw refuse("money", "must be 0 to \(RewardLimits.priceMax)")
        }
        if let memberMax, !(1...RewardLimits.quantityMax).contains(memberMax) {
            throw refuse("member_max", "must be 1 to \(RewardLimits.quantityMax)")
        }
        if let memberDays {
            guard memberMax != nil, (1...PointsLimits.daysMax).contains(memberDays) else {
                throw refuse("member_days", "must be 1 to \(PointsLimits.daysMax), beside a member_max")
            }
        }
        guard tiers.count <= RewardLimits.tiersMax, tiers.allSatisfy({ (1...40).contains($0.utf8.count) }) else {
            throw refuse("tiers", "must be up to \(RewardLimits.tiersMax) codes of tiers")
        }
        if let from, let until, until <= from { throw refuse("until", "must be later than from") }
    }
}

/// A reward as it is offered.
package struct Reward: Sendable, Equatable {
    package var id: Int64
    package var definition: RewardDefinition
    /// What is left; nil: there is always more.
    package var stock: Int64?
    /// Claimed and not cancelled, all together.
    package var claimed: Int64
    package var isOffered: Bool
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package var revision: Revision {
        get throws { try Revision(of: definition) }
    }
}

/// Bounds of rewards.
package enum RewardLimits {
    package static let nameCharacters = 80
    package static let textCharacters = 2_000
    package static let priceMax: Int64 = 1_000_000_000
    /// Of one claim, and of what a member may have.
    package static let quantityMax: Int64 = 1_000
    package static let stockMax: Int64 = 1_000_000_000
    package static let tiersMax = 50
    package static let rewards = 1_000
    package static let deliveryFields = 12
    package static let deliveryBytes = 500
    package static let noteBytes = 500
}
