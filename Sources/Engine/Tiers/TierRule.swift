/// What has to be reached: one to three indicators, and how they are put together.
package struct TierRule: Codable, Sendable, Equatable {
    package enum Combination: String, Codable, Sendable, CaseIterable {
        case all, any
        /// Each indicator counts in proportion up to its target, by its weight; the sum has to reach `needed` percent.
        case weighted
    }

    package var combine: Combination
    package var indicators: [TierIndicator]
    /// Percent, of `weighted` alone.
    package var needed: Int?

    private enum CodingKeys: String, CodingKey { case combine, indicators, needed }

    package init(_ indicators: [TierIndicator], _ combine: Combination = .all, needed: Int? = nil) {
        self.combine = combine
        self.indicators = indicators
        self.needed = needed
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        combine = try fields.decodeIfPresent(Combination.self, forKey: .combine) ?? .all
        indicators = try fields.decode([TierIndicator].self, forKey: .indicators)
        needed = try fields.decodeIfPresent(Int.self, forKey: .needed)
    }

    var flaw: (field: String, reason: String)? {
        guard (1...TierLimits.indicators).contains(indicators.count) else {
            return ("indicators", "must be 1 to \(TierLimits.indicators)")
        }
        for (number, indicator) in indicators.enumerated() {
            if let reason = indicator.flaw(isRanking: false) { return ("indicators.\(number)", reason) }
            guard (combine == .weighted) == (indicator.weight != nil) else {
                return ("indicators.\(number).weight", "belongs to weighted rules, and to all of their indicators")
            }
        }
        guard (combine == .weighted) == (needed != nil) else { return ("needed", "belongs to weighted rules") }
        guard let needed else { return nil }
        guard (1...100).contains(needed) else { return ("needed", "must be 1 to 100 percent") }
        guard indicators.reduce(0, { $0 + ($1.weight ?? 0) }) == 100 else {
            return ("indicators", "weights must add up to 100")
        }
        return nil
    }

    /// How facts stand to it.
    package func reading(_ facts: TierFacts, _ window: TierWindow) -> TierReading {
        reading(indicators.map { QualificationCatalog.value($0, facts, window) })
    }

    func reading(_ values: [Int64]) -> TierReading {
        let parts = zip(indicators, values).map { TierReading.Part(indicator: $0, value: $1) }
        let score = combine == .weighted ? parts.reduce(0) { $0 + $1.score } : nil
        let holds: Bool
        switch combine {
        case .all: holds = parts.allSatisfy { $0.missing == 0 }
        case .any: holds = parts.contains { $0.missing == 0 }
        case .weighted: holds = (score ?? 0) >= Int64(needed ?? 100) * 100
        }
        return TierReading(
            combine: combine, parts: parts, score: score, needed: needed.map(Int64.init), holds: holds)
    }
}

/// One thing that counts, and how much of it.
package struct TierIndicator: Codable, Sendable, Hashable {
    /// A kind of the `QualificationCatalog`: `spend`, `orders`, `growth`, `points`, `rfm`.
    package var kind: String
    /// Money in minor units of the workspace's currency, points in the smallest part of theirs.
    package var atLeast: Int64
    /// Of a hundred, in weighted rules.
    package var weight: Int?
    /// The currency of the ledger that `growth` and `points` count; nil: of the same name.
    package var currency: String?

    private enum CodingKeys: String, CodingKey {
        case kind, weight, currency
        case atLeast = "at_least"
    }

    package init(_ kind: String, _ atLeast: Int64, weight: Int? = nil, currency: String? = nil) {
        self.kind = kind
        self.atLeast = atLeast
        self.weight = weight
        self.currency = currency
    }

    /// The currency of the ledger that it reads, if any.
    var ledger: String? {
        guard let type = QualificationCatalog.type(kind), let usual = type.ledger else { return nil }
        return currency ?? usual
    }

    func flaw(isRanking: Bool) -> String? {
        guard let type = QualificationCatalog.type(kind) else {
            return "there is no kind “\(kind)”; there are \(QualificationCatalog.kinds.joined(separator: ", "))"
        }
        guard type.range.contains(atLeast) else {
            return "at_least must be \(type.range.lowerBound) to \(type.range.upperBound)"
        }
        if let weight, !(1...100).contains(weight) || isRanking { return "a weight is 1 to 100 of a weighted rule" }
        if currency != nil, type.ledger == nil { return "only what the ledger counts has a currency" }
        return nil
    }
}

/// What was found for a rule.
package struct TierReading: Codable, Sendable, Equatable {
    package struct Part: Codable, Sendable, Equatable {
        package var indicator: TierIndicator
        package var value: Int64

        package var missing: Int64 { max(indicator.atLeast - value, 0) }

        /// Hundredths of a percent.
        var score: Int64 {
            let counted = min(max(value, 0), indicator.atLeast)
            return indicator.atLeast > 0 ? Int64(indicator.weight ?? 0) * 100 * counted / indicator.atLeast : 0
        }
    }

    package var combine: TierRule.Combination
    package var parts: [Part]
    /// Hundredths of a percent, of weighted rules.
    package var score: Int64?
    /// Percent, of weighted rules.
    package var needed: Int64?
    package var holds: Bool

    /// How far one is, 0 to 100, rounded down.
    package var percent: Int64 {
        guard !holds else { return 100 }
        let shares = parts.map { part in
            part.indicator.atLeast > 0 ? min(max(part.value, 0) * 100 / part.indicator.atLeast, 100) : 100
        }
        switch combine {
        case .all: return shares.min() ?? 0
        case .any: return min(shares.max() ?? 0, 99)
        case .weighted: return min((score ?? 0) / max(needed ?? 100, 1), 99)
        }
    }
}
