import Storage

/// The grade that a model gives: `{"kind": "score_grade", "model": "12", "values": ["A", "B"]}`. Without a receipt it is D.
package struct ScoreGradeCondition: CriteriaCondition {
    package static let kind = "score_grade"
    package static let form = CriteriaForm(
        "standing", "评级", "Grade",
        [
            .init("model", "model", "模型", "by"),
            .init(
                "values", "choices", "属于", "is",
                choices: ScoreGrade.allCases.map { .init($0.rawValue, $0.rawValue, $0.rawValue) }),
        ])

    package var modelID: Int64
    private var values: [String]

    package init(_ reader: CriteriaReader) {
        modelID = reader.whole("model", in: 1...Int64.max)
        values = reader.texts("values")
        for value in values where ScoreGrade(rawValue: value) == nil {
            reader.note("values", .unknownChoice(value, allowed: ScoreGrade.allCases.map(\.rawValue)))
        }
    }

    package var json: [String: JSONValue] {
        ["model": .string(String(modelID)), "values": .array(values.map(JSONValue.string))]
    }

    package var claim: CriteriaClaim { CriteriaClaim("score_grade \(modelID)", .words(Set(values))) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        values.contains(grade(subject))
    }

    private func grade(_ subject: CriteriaSubject) -> String {
        (subject.scores[modelID]?.grade ?? .d).rawValue
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let place: AnalyticsSQL = "indexOf(score_models, \(modelID))"
        return compiler.profile("if(\(place) = 0, 'D', score_grades[\(place)]) IN (\(list: values))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let name = phrases.scores[modelID] ?? String(modelID)
        let list = values.joined(separator: phrases.language("或", " or "))
        return phrases.language("“\(name)”评级为 \(list)", "grade by “\(name)” is \(list)")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        grade(subject)
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        if world.scores[modelID] == nil { note("model", .unknownModel(modelID)) }
    }
}
