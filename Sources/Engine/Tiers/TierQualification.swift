/// Something that qualifies for a tier. To add one: a file in `Qualifications`, and a line in the `QualificationCatalog`.
package protocol TierQualification: Sendable {
    static var kind: String { get }
    /// Targets that make sense.
    static var range: ClosedRange<Int64> { get }
    /// The currency of the ledger that it reads unless the indicator names another; nil: it reads none.
    static var ledger: String? { get }
    /// What counts of the facts in a window. Pure.
    static func value(_ indicator: TierIndicator, _ facts: TierFacts, _ window: TierWindow) -> Int64
    /// An amount of it in words: `¥320`, `2 orders`.
    static func amount(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String
    /// What it is called: `net spend`.
    static func name(_ indicator: TierIndicator, _ words: TierWords) -> String
    /// An amount beside the name, which it does not repeat: `¥320`, `2`.
    static func figure(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String
    /// What a rule asks for: `net spend of at least ¥2,000`, `at least 6 orders`.
    static func atLeast(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String
}

extension TierQualification {
    package static var range: ClosedRange<Int64> { 1...TierLimits.amountMax }
    package static var ledger: String? { nil }

    package static func figure(_ value: Int64, _ indicator: TierIndicator, _ words: TierWords) -> String {
        amount(value, indicator, words)
    }
}

/// Every kind of qualification by an indicator; a ranking (`RankQuota`) orders members by one of them.
package enum QualificationCatalog {
    package static let all: [any TierQualification.Type] = [
        NetSpend.self,
        OrderCount.self,
        GrowthEarned.self,
        PointsEarned.self,
        RFMScore.self,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })

    package static var kinds: [String] { all.map { $0.kind } }

    static func type(_ kind: String) -> (any TierQualification.Type)? { byKind[kind] }

    static func value(_ indicator: TierIndicator, _ facts: TierFacts, _ window: TierWindow) -> Int64 {
        type(indicator.kind)?.value(indicator, facts, window) ?? 0
    }
}
