import Storage

/// Points for as long as a condition holds, however stacked: `{"kind": "condition", "where": {"kind": "trait", …}, "points": 20}`.
package struct ConditionScoreRule: ScoreRuleKind {
    package static let kind = "condition"
    package static let form = CriteriaForm(
        "profile", "满足条件", "A condition holds", [.init("where", "criteria")])

    private var asked: Criteria

    package init(_ reader: CriteriaReader) {
        asked = Criteria(.all([]))
        guard let body = reader.value("where") else {
            reader.note("where", .missing("where"))
            return
        }
        do {
            asked = try Criteria(json: ["where": body])
        } catch {
            for issue in error.issues { reader.note(issue.path, issue.reason) }
        }
    }

    package var json: [String: JSONValue] { ["where": asked.root.json] }
    package var criteria: Criteria? { asked }

    package func occurrences(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> [ScoreOccurrence] {
        asked.holds(for: subject, clock) ? [ScoreOccurrence(day: nil, count: 1)] : []
    }

    package func words(_ phrases: CriteriaPhrases) -> String { asked.words(phrases) }

    /// With the definitions of segments and tags in place of their names.
    func expanded(_ world: CriteriaWorld) -> ConditionScoreRule {
        var rule = self
        rule.asked = asked.expanded(world)
        return rule
    }
}
