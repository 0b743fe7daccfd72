/// What a member's tier makes of points that rules give: a benefit of the kind `multiplier`.
///
/// It applies by itself, to currencies that can be spent, after all rules and their multipliers: as much again of what
/// rules gave as it says, rounded down, under the terms of the rule that gave. A multiplier of the program that asks
/// for the tier has been written for the same purpose: where one gave, it counts and the benefit does not.
package struct EarningBenefit: Sendable, Equatable {
    package var tier: String
    /// Of the tier, by language.
    package var names: [String: String]
    /// In hundredths: 150 is one and a half.
    package var multiplier: Int64
    /// Currencies that it multiplies.
    package var currencies: Set<String>

    package init(tier: String, names: [String: String] = [:], multiplier: Int64, currencies: Set<String>) {
        self.tier = tier
        self.names = names
        self.multiplier = multiplier
        self.currencies = currencies
    }

    /// Steps and awards of it name the rule behind this.
    package static let prefix = "~tier:"

    /// `Gold ×1.5`.
    package func title(_ language: CriteriaLanguage?) -> String {
        let other = language == nil ? nil : names.min { $0.key < $1.key }?.value
        let name = language.flatMap { names[$0.rawValue] } ?? other
        return "\(name ?? tier) ×\(NumberRange.text(multiplier * (CriteriaValue.scale / 100)))"
    }

    var json: [String: JSONValue] {
        [
            "tier": .string(tier), "tier_names": .object(names.mapValues { .string($0) }),
            "multiplier": .integer(multiplier),
        ]
    }

    init?(json: JSONValue, currency: String) {
        guard let tier = json["tier"]?.stringValue, let multiplier = json["multiplier"]?.intValue else { return nil }
        self.init(
            tier: tier, names: (json["tier_names"]?.objectValue ?? [:]).compactMapValues(\.stringValue),
            multiplier: multiplier, currencies: [currency])
    }
}

/// The multipliers of all tiers of a ladder.
package struct EarningBenefits: Sendable, Equatable {
    private var byTier: [String: EarningBenefit] = [:]

    package init() {}

    /// `currencies`: those that can be spent.
    package init(_ ladder: TierLadder?, currencies: Set<String>) {
        let multipliers = TierBenefits(ladder)
        for tier in ladder?.tiers ?? [] {
            let multiplier = multipliers.multiplier(for: tier.code)
            guard multiplier > 100 else { continue }
            byTier[tier.code] = EarningBenefit(
                tier: tier.code, names: tier.names, multiplier: multiplier, currencies: currencies)
        }
    }

    package func of(_ tier: String?) -> EarningBenefit? { tier.flatMap { byTier[$0] } }
}

extension EarningStep {
    /// The benefit of the tier, or the rule's own name, or what it says.
    package func title(_ rule: EarningRule?, _ phrases: CriteriaPhrases) -> String {
        benefit?.title(phrases.language) ?? rule?.title(phrases) ?? self.rule
    }
}
