/// A kind of rule: what points are given for, and how many. Another one is one file and one line in
/// `EarningRuleCatalog`.
package protocol EarningRuleKind: Sendable {
    /// The word in `kind`.
    static var kind: String { get }
    /// How the console asks for it.
    static var form: CriteriaForm { get }
    static var trigger: EarningTrigger { get }

    /// Reads its own fields; notes what is wrong with them and then may be anything.
    init(_ reader: CriteriaReader)
    /// Its fields, without those that all rules have.
    var json: [String: JSONValue] { get }

    /// What makes this one look, where that depends on its fields.
    var looksAt: EarningTrigger { get }
    /// Names of the events that it looks at; of rules of `.event` only.
    var events: [String] { get }
    /// Whether it looks at an event of one of its names.
    func applies(_ event: CriteriaEvent, _ calendar: LocalCalendar) -> Bool
    /// What the facts earn. `lines`: those of the order that the rule's conditions admit; `given`: what other rules gave.
    func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward
    /// What it gives for only once, in a word that tells it from others of the member; nil: every time.
    func once(_ facts: EarningFacts) -> String?
    func words(_ phrases: CriteriaPhrases) -> String
    /// The property of the event, or the trait, that names who recommended the member.
    var referrerField: String? { get }
    /// The most that it gives for one fact, when that is known beforehand.
    var pointsMost: Int64? { get }
}

extension EarningRuleKind {
    package var looksAt: EarningTrigger { Self.trigger }
    package var events: [String] { [] }
    package func applies(_ event: CriteriaEvent, _ calendar: LocalCalendar) -> Bool { true }
    package func once(_ facts: EarningFacts) -> String? { nil }
    package var referrerField: String? { nil }
    package var pointsMost: Int64? { nil }
}

/// What makes a rule look.
package enum EarningTrigger: String, Sendable {
    /// An order was completed.
    case order
    /// An event arrived.
    case event
    /// Other rules gave something.
    case award
}

/// Every kind of rule.
package enum EarningRuleCatalog {
    package static let all: [any EarningRuleKind.Type] = [
        OrderAmountRule.self,
        OrderUnitRule.self,
        OrderFixedRule.self,
        MultiplierRule.self,
        EventFixedRule.self,
        EventAmountRule.self,
        CheckInRule.self,
        ReferralRule.self,
        ProfileRule.self,
        ReviewRule.self,
    ]

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })

    static func rule(_ kind: String) -> (any EarningRuleKind.Type)? { byKind[kind] }
}

/// What one rule gives for one line, or for the fact as a whole (an empty line).
package struct EarningPart: Sendable, Equatable {
    package var line: String
    /// What it was computed from: minor units, pieces, or points of others.
    package var basis: Int64
    package var points: Int64

    package init(line: String = "", basis: Int64 = 0, points: Int64) {
        self.line = line
        self.basis = basis
        self.points = points
    }
}

/// What a rule would give before caps, or why nothing.
package struct EarningReward: Sendable, Equatable {
    package var parts: [EarningPart] = []
    /// Also for the member, where `parts` go to who recommended them.
    package var forFriend: Int64 = 0
    package var goesToReferrer = false
    package var streak: EarningStreak?
    package var reason: EarningVerdict = .tooLittle

    package init(_ parts: [EarningPart] = []) {
        self.parts = parts
    }

    static func nothing(_ reason: EarningVerdict) -> EarningReward {
        var reward = EarningReward()
        reward.reason = reason
        return reward
    }

    package var points: Int64 { parts.reduce(0) { $0 + $1.points } }

    /// So many points over lines in proportion to weights.
    static func spread(_ points: Int64, _ lines: [EarningLine], by weight: (EarningLine) -> Int64) -> EarningReward {
        let weights = lines.map(weight)
        return EarningReward(
            zip(zip(lines, weights), EarningRounding.spread(points, over: weights)).map {
                EarningPart(line: $0.0.key, basis: $0.1, points: $1)
            })
    }
}
