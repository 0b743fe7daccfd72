import Storage

/// The source by which the person came: `{"kind": "source", "ids": ["1"]}`.
package struct SourceCondition: CriteriaCondition {
    package static let kind = "source"
    package static let form = CriteriaForm("profile", "首次来源", "First source", [.init("ids", "source")])

    private var ids: [Int64]

    package init(_ reader: CriteriaReader) {
        let texts = reader.texts("ids")
        ids = texts.compactMap { Int64($0) }
        if ids.count != texts.count { reader.note("ids", .wrongType(expected: "ids of sources")) }
    }

    package var json: [String: JSONValue] { ["ids": .array(ids.map { .string(String($0)) })] }

    package var claim: CriteriaClaim { CriteriaClaim(Self.kind, .words(Set(ids.map { String($0) }))) }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        ids.contains(subject.profile.sourceID)
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        compiler.profile("source_id IN (\(list: ids))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let list = ids.map { phrases.sources[$0] ?? String($0) }.joined(separator: phrases.language("或", " or "))
        return phrases.language("首次来自\(list)", "first came from \(list)")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        phrases.sources[subject.profile.sourceID] ?? String(subject.profile.sourceID)
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        for id in ids where world.sources[id] == nil { note("ids", .unknownSource(id)) }
    }
}
