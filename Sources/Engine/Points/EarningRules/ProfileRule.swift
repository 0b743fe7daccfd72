/// Points, once, for telling about oneself: `{"kind": "profile", "points": 100, "traits": ["birthday", "gender"]}`.
/// Given when all of the traits have a value, whichever came last.
package struct ProfileRule: EarningRuleKind {
    package static let kind = "profile"
    package static let trigger = EarningTrigger.event
    package static let form = CriteriaForm(
        "events", "完善资料", "A complete profile",
        [.init("traits", "traits", "填写", "having told"), .init("points", "number", "得", "points")])
    /// As collectors name what tells traits.
    package static let event = "Identify"

    private let points: Int64
    private let traits: [String]

    package init(_ reader: CriteriaReader) {
        points = reader.whole("points", in: EarningLimits.points)
        traits = Array(Set(reader.texts("traits"))).sorted()
    }

    package var json: [String: JSONValue] {
        ["points": .integer(points), "traits": .array(traits.map(JSONValue.string))]
    }
    package var events: [String] { [Self.event] }
    package var pointsMost: Int64? { points }
    package func once(_ facts: EarningFacts) -> String? { "profile" }

    package func reward(_ facts: EarningFacts, _ lines: [EarningLine], _ given: [EarningGift]) -> EarningReward {
        let missing = traits.filter { facts.subject.traits.first($0) == nil }
        guard missing.isEmpty else { return .nothing(.unmet("traits", missing.joined(separator: ", "))) }
        return EarningReward([EarningPart(basis: Int64(traits.count), points: points)])
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = traits.joined(separator: phrases.language("、", ", "))
        return phrases.language(
            "填写 \(list) 后得 \(points) 分（一次）", "\(EnglishCount.text(points, "point")), once, for telling \(list)")
    }
}
