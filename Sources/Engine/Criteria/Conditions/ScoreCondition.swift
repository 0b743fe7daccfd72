import Storage

/// Points of a model, as kept at the person's last event or last night:
/// `{"kind": "score", "model": "12", "figure": "engagement", "is": "at_least", "value": 50}`. Without a receipt they are 0.
package struct ScoreCondition: CriteriaCondition {
    package static let kind = "score"
    package static let form = CriteriaForm(
        "standing", "评分", "Score",
        [
            .init("model", "model", "模型", "of"),
            .init(
                "figure", "choice",
                choices: [
                    .init("total", "总分", "in total"), .init("fit", "匹配分", "for fit"),
                    .init("engagement", "互动分", "for engagement"),
                ]), .init("compare", "number"),
        ])

    enum Figure: String, CaseIterable { case total, fit, engagement }

    package var modelID: Int64
    private var figure: Figure
    private var range: NumberRange

    package init(_ reader: CriteriaReader) {
        modelID = reader.whole("model", in: 1...Int64.max)
        figure = reader.choice("figure", orElse: .total) ?? .total
        range = NumberRange(reader)
    }

    package var json: [String: JSONValue] {
        range.json.merging(["model": .string(String(modelID)), "figure": .string(figure.rawValue)]) { $1 }
    }

    package var claim: CriteriaClaim { CriteriaClaim("score \(modelID) \(figure.rawValue)", range) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        range.contains(points(subject) * 10)
    }

    /// Thousandths.
    private func points(_ subject: CriteriaSubject) -> Int64 {
        guard let score = subject.scores[modelID] else { return 0 }
        switch figure {
        case .total: return score.total
        case .fit: return score.fit
        case .engagement: return score.engagement
        }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let column = AnalyticsSQL(text: "score_\(figure.rawValue)s")
        let place: AnalyticsSQL = "indexOf(score_models, \(modelID))"
        return compiler.profile(range.sql("if(\(place) = 0, toInt64(0), \(column)[\(place)]) * 10"))
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let name = phrases.scores[modelID] ?? String(modelID)
        let part =
            switch figure {
            case .total: phrases.language("总分", "total")
            case .fit: phrases.language("匹配分", "fit")
            case .engagement: phrases.language("互动分", "engagement")
            }
        return phrases.language(
            "评分“\(name)”的\(part)\(range.words(.chinese))", "\(part) score of “\(name)” is \(range.words(.english))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        NumberRange.text(points(subject) * 10)
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        if world.scores[modelID] == nil { note("model", .unknownModel(modelID)) }
    }
}
