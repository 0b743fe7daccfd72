/// One level of the pyramid.
package struct Tier: Codable, Sendable, Equatable {
    /// `silver`: what programs and conditions call it.
    package var code: String
    /// By language.
    package var names: [String: String]
    package var admission: Admission
    /// What has to be reached to enter; nil of the lowest, of invited tiers, and where a ranking decides.
    package var rule: TierRule?
    /// What has to be reached in a period to stay; nil: the same as to enter.
    package var keep: TierRule?
    package var benefits: [Benefit]

    /// How one gets in.
    package enum Admission: String, Codable, Sendable, CaseIterable {
        /// By reaching what the rule asks for, or by the ranking.
        case rule
        /// Only when the brand grants it.
        case invitation
        /// Only while a membership is paid for.
        case payment
    }

    private enum CodingKeys: String, CodingKey {
        case code, names, admission, rule, keep, benefits
    }

    package init(
        code: String, names: [String: String] = [:], admission: Admission = .rule, rule: TierRule? = nil,
        keep: TierRule? = nil, benefits: [Benefit] = []
    ) {
        self.code = code
        self.names = names
        self.admission = admission
        self.rule = rule
        self.keep = keep
        self.benefits = benefits
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        code = try fields.decode(String.self, forKey: .code)
        names = try fields.decodeIfPresent([String: String].self, forKey: .names) ?? [:]
        admission = try fields.decodeIfPresent(Admission.self, forKey: .admission) ?? .rule
        rule = try fields.decodeIfPresent(TierRule.self, forKey: .rule)
        keep = try fields.decodeIfPresent(TierRule.self, forKey: .keep)
        benefits = try fields.decodeIfPresent([Benefit].self, forKey: .benefits) ?? []
    }

    /// What it is to stay.
    package var keeping: TierRule? { keep ?? rule }

    /// The name in a language, else in any, else the code.
    package func name(_ language: String) -> String {
        names[language] ?? names.min { $0.key < $1.key }?.value ?? code
    }

    static func isCode(_ text: String) -> Bool {
        let letters = text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        return (1...32).contains(text.utf8.count) && letters && (97...122).contains(text.utf8.first ?? 0)
    }
}
