import Storage

/// The RFM class, as bits of R, F and M above the mean: `{"kind": "rfm_class", "values": ["111", "101"]}`.
package struct RFMClassCondition: CriteriaCondition {
    package static let kind = "rfm_class"
    static let names: [(String, String, String)] = [
        ("111", "重要价值", "high value"), ("101", "重要发展", "high potential"), ("011", "重要保持", "high to keep"),
        ("001", "重要挽留", "high to win back"), ("110", "一般价值", "general value"),
        ("100", "一般发展", "general potential"), ("010", "一般保持", "general to keep"),
        ("000", "一般挽留", "general to win back"),
    ]
    package static let form = CriteriaForm(
        "standing", "RFM 分类", "RFM class",
        [.init("values", "choices", "属于", "is", choices: names.map { .init($0.0, $0.1, $0.2) })])

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
        subject.profile.rfmClass.map(values.contains) ?? false
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        compiler.profile("rfm_class IN (\(list: values))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = values.map { name($0, phrases.language) }.joined(separator: phrases.language("或", " or "))
        return phrases.language("RFM 分类是\(list)", "RFM class is \(list)")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        subject.profile.rfmClass.map { name($0, phrases.language) } ?? phrases.language("没有", "none")
    }

    private func name(_ value: String, _ language: CriteriaLanguage) -> String {
        guard let names = Self.names.first(where: { $0.0 == value }) else { return value }
        return language(names.1, names.2)
    }
}
