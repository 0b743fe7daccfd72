/// Members of these tiers, by code: `{"kind": "tier", "values": ["gold", "diamond"]}`; `none` for who has no tier.
package struct TierCondition: EarningCondition {
    package static let kind = "tier"
    package static let form = CriteriaForm("member", "会员等级", "Tier", [.init("values", "texts", "", "")])
    private static let none = "none"

    package let values: [String]

    package init(_ reader: CriteriaReader) {
        values = reader.texts("values")
    }

    package var json: [String: JSONValue] { ["values": .array(values.map(JSONValue.string))] }

    package func holds(_ facts: EarningFacts) -> Bool { values.contains(facts.member.tier ?? Self.none) }
    package func finding(_ facts: EarningFacts) -> String { facts.member.tier ?? Self.none }

    package func contradicts(_ other: any EarningCondition) -> Bool {
        (other as? TierCondition).map { Set(values).isDisjoint(with: $0.values) } ?? false
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = WordList.told(values.map(phrases.tier), phrases)
        return phrases.language("等级为\(list)", "the tier is \(list)")
    }
}
