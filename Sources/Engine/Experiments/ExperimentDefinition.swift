import Storage

/// What is tried, on whom, and what it is judged by. Said once, before anybody is looked at.
package struct ExperimentDefinition: Sendable, Equatable {
    package struct Variant: Sendable, Equatable {
        /// In events and calls: a to z, digits, `_`, `-`.
        package var key: String
        package var name: String
        package var weight: Int64

        package init(_ key: String, _ name: String = "", weight: Int64 = 1) {
            self.key = key
            self.name = name.isEmpty ? key : name
            self.weight = weight
        }
    }

    package enum Rule: String, Sendable, CaseIterable {
        /// Judged once, when the planned people are there.
        case fixed
        /// May be looked at, and stopped, at any time.
        case sequential
    }

    /// How people are divided.
    package enum Allocation: String, Sendable, CaseIterable {
        /// By the weights, all the time.
        case fixed
        /// Each variant as often as it is likely to be the best (Thompson), worked out anew as results come in.
        case bandit
    }

    package var name: String
    package var hypothesis: String
    /// The first is what the others are compared with.
    package var variants: [Variant]
    /// Of the condition language, as text.
    package var audience: String
    package var primary: ExperimentMetric
    package var guardrails: [ExperimentMetric]
    package var secondary: [ExperimentMetric]
    package var rule: Rule
    /// Sure in so many of a hundred cases.
    package var confidence: Int64
    /// People of each variant that were planned; 0: none.
    package var plannedPeople: Int64
    /// Days before exposure that explain a part of what comes after (CUPED); 0: not done.
    package var preDays: Int64
    package var allocation: Allocation
    /// Of a bandit: what every variant gets at least, in percent of the people.
    package var leastShare: Int64

    package static let everybody = #"{"version":1,"where":{"kind":"all","of":[]}}"#

    package init(
        name: String, hypothesis: String = "", variants: [Variant], audience: String = everybody,
        primary: ExperimentMetric, guardrails: [ExperimentMetric] = [], secondary: [ExperimentMetric] = [],
        rule: Rule = .sequential, confidence: Int64 = 95, plannedPeople: Int64 = 0, preDays: Int64 = 0,
        allocation: Allocation = .fixed, leastShare: Int64 = ExperimentLimits.leastShare
    ) {
        self.name = name
        self.hypothesis = hypothesis
        self.variants = variants
        self.audience = audience
        self.primary = primary
        self.guardrails = guardrails
        self.secondary = secondary
        self.rule = rule
        self.confidence = confidence
        self.plannedPeople = plannedPeople
        self.preDays = preDays
        self.allocation = allocation
        self.leastShare = leastShare
    }

    package var control: Variant { variants[0] }
    package var weights: [Int64] { variants.map(\.weight) }
    package var alpha: Double { 1 - Double(confidence) / 100 }

    /// Everything measured, with its place: `primary`, `guardrail_0`, `secondary_1`.
    package var metrics: [(key: String, metric: ExperimentMetric)] {
        [("primary", primary)] + guardrails.enumerated().map { ("guardrail_\($0.offset)", $0.element) }
            + secondary.enumerated().map { ("secondary_\($0.offset)", $0.element) }
    }

    /// Throws: `ExperimentError.unknownMetric`.
    package func metric(_ key: String) throws -> ExperimentMetric {
        guard let found = metrics.first(where: { $0.key == key }) else { throw ExperimentError.unknownMetric(key) }
        return found.metric
    }

    /// Throws: `ExperimentError.unknownVariant`.
    package func variant(_ key: String) throws -> Variant {
        guard let found = variants.first(where: { $0.key == key }) else { throw ExperimentError.unknownVariant(key) }
        return found
    }

    /// Nil when everybody may take part.
    package var criteria: Criteria? {
        guard let criteria = Criteria.readable(audience) else { return nil }
        if case .all(let nodes) = criteria.root, nodes.isEmpty { return nil }
        return criteria
    }

    /// What may not change once people have been looked at.
    func isSameTrial(as other: ExperimentDefinition) -> Bool {
        var other = other
        (other.name, other.hypothesis) = (name, hypothesis)
        return self == other
    }
}

/// Bounds of experiments.
package enum ExperimentLimits {
    package static let experiments = 500
    package static let nameCharacters = 80
    package static let hypothesisCharacters = 1_000
    package static let variants = 2...8
    package static let keyBytes = 32
    package static let weightMax: Int64 = 10_000
    package static let metricsMax = 6
    package static let plannedMax: Int64 = 1_000_000_000
    package static let preDaysMax: Int64 = 90
    package static let reasonCharacters = 1_000
    /// In one call; with conditions that ask for a history each is looked up singly below `peopleExact`.
    package static let peopleMax = 500
    package static let peopleExact = 20
    package static let confidences: [Int64] = [80, 90, 95, 99]
    /// Of a bandit, in percent: usual, and what may be asked for.
    package static let leastShare: Int64 = 5
    package static let leastShares: ClosedRange<Int64> = 1...10
    /// People of each variant, with their windows over, before a bandit learns from them.
    package static let peopleToLearn: Int64 = 50
}
