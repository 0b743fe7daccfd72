import Storage

/// The stage of the relationship: `{"kind": "stage", "values": ["growth", "maturity"]}`.
package struct StageCondition: CriteriaCondition {
    package static let kind = "stage"
    static let names: [(String, String, String)] = [
        ("introduction", "导入", "introduction"), ("growth", "成长", "growth"), ("maturity", "成熟", "maturity"),
        ("decline", "衰退", "decline"), ("churn", "流失", "churn"),
    ]
    package static let form = CriteriaForm(
        "standing", "生命周期阶段", "Lifecycle stage",
        [.init("values", "choices", "处于", "is", choices: names.map { .init($0.0, $0.1, $0.2) })])

    private var values: [String]

    package init(_ reader: CriteriaReader) {
        values = reader.texts("values")
        for value in values where !Self.names.contains(where: { $0.0 == value }) {
            reader.note("values", .unknownChoice(value, allowed: Self.names.map(\.0)))
        }
    }

    package var json: [String: JSONValue] { ["values": .array(values.map(JSONValue.string))] }

    package var claim: CriteriaClaim { CriteriaClaim(Self.kind, .words(Set(values))) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        subject.profile.stage.map(values.contains) ?? false
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        compiler.profile("stage IN (\(list: values))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = values.map { Self.name($0, phrases.language) }.joined(separator: phrases.language("或", " or "))
        return phrases.language("处于\(list)阶段", "is in \(list)")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        subject.profile.stage.map { Self.name($0, phrases.language) } ?? phrases.language("没有", "none")
    }

    static func name(_ value: String, _ language: CriteriaLanguage) -> String {
        guard let names = names.first(where: { $0.0 == value }) else { return value }
        return language(names.1, names.2)
    }
}
