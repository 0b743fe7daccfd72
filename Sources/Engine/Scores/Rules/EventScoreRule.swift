import Storage

/// Points for each event of a kind: `{"kind": "event", "event": {"names": ["Product Viewed"]}, "points": 1}`.
package struct EventScoreRule: ScoreRuleKind {
    package static let kind = "event"
    package static let form = CriteriaForm("behaviour", "每次行为", "Each event", [.init("event", "event")])

    let filter: EventFilter

    package init(_ reader: CriteriaReader) {
        filter = reader.child("event").map { EventFilter($0) } ?? EventFilter(names: [])
        if filter.names.isEmpty { reader.note("event", .missing("event")) }
    }

    package var json: [String: JSONValue] { ["event": filter.json] }
    package var features: [Feature] { [Feature(filter)] }

    package func occurrences(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> [ScoreOccurrence] {
        subject.state(Feature(filter)).days.map { ScoreOccurrence(day: $0.day, count: $0.tally.count) }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("每次\(filter.words(phrases))", "each \(filter.words(phrases))")
    }
}
