import Storage

/// One of the three RFM scores, 1…5: `{"kind": "rfm_score", "dimension": "r", "is": "at_least", "value": 4}`. Whoever
/// has no score fails.
package struct RFMScoreCondition: CriteriaCondition {
    package static let kind = "rfm_score"
    package static let form = CriteriaForm(
        "standing", "RFM 分", "RFM score",
        [
            .init(
                "dimension", "choice",
                choices: [
                    .init("r", "R 最近", "R recency"), .init("f", "F 频次", "F frequency"), .init("m", "M 金额", "M money"),
                ]), .init("compare", "number"),
        ])

    enum Dimension: String, CaseIterable { case r, f, m }

    private var dimension: Dimension
    private var range: NumberRange

    package init(_ reader: CriteriaReader) {
        dimension = reader.choice("dimension") ?? .r
        range = NumberRange(reader)
    }

    package var json: [String: JSONValue] { range.json.merging(["dimension": .string(dimension.rawValue)]) { $1 } }

    package var claim: CriteriaClaim { CriteriaClaim("rfm_score \(dimension.rawValue)", range) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        let score = score(subject.profile)
        return score > 0 && range.contains(score * CriteriaValue.scale)
    }

    private func score(_ profile: Profile) -> Int64 {
        switch dimension {
        case .r: profile.rfmR
        case .f: profile.rfmF
        case .m: profile.rfmM
        }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let column = AnalyticsSQL(text: "rfm_" + dimension.rawValue)
        return compiler.profile("\(column) > 0 AND \(range.sql("toInt64(\(column)) * \(CriteriaValue.scale)"))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let name = dimension.rawValue.uppercased()
        return phrases.language("\(name) 分\(range.words(.chinese))", "\(name) score is \(range.words(.english))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        let score = score(subject.profile)
        return score > 0 ? String(score) : phrases.language("没有", "none")
    }
}
