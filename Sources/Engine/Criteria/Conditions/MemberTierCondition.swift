import Storage

/// The member's tier: `{"kind": "tier", "values": ["gold", "black"]}`. Who is no member has none.
package struct MemberTierCondition: CriteriaCondition {
    package static let kind = "tier"
    package static let form = CriteriaForm(
        "standing", "会员等级", "Tier", [.init("values", "tiers", "为", "is")])

    private var values: [String]

    package init(_ reader: CriteriaReader) {
        values = reader.texts("values")
    }

    package var json: [String: JSONValue] { ["values": .array(values.map(JSONValue.string))] }

    package var claim: CriteriaClaim { CriteriaClaim("tier", .words(Set(values))) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        subject.profile.tier.map(values.contains) ?? false
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        compiler.profile("tier != '' AND tier IN (\(list: values))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = values.map(phrases.tier).joined(separator: phrases.language("或", " or "))
        return phrases.language("会员等级为\(list)", "has the tier \(list)")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        subject.profile.tier.map(phrases.tier) ?? phrases.language("没有", "none")
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        for value in values where world.tiers[value] == nil {
            note("values", .unknownChoice(value, allowed: world.tiers.keys.sorted()))
        }
    }
}
