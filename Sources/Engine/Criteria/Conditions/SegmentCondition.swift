import Storage

/// Membership of another segment: `{"kind": "segment", "id": "123"}`. A dynamic one is put in its place by
/// `Criteria.expanded`; so only lists are asked here.
package struct SegmentCondition: CriteriaCondition {
    package static let kind = "segment"
    package static let form = CriteriaForm("profile", "人群", "Segment", [.init("id", "segment", "属于", "is in")])

    package var segmentID: Int64

    package init(_ reader: CriteriaReader) {
        segmentID = reader.whole("id", in: 1...Int64.max)
    }

    package var json: [String: JSONValue] { ["id": .string(String(segmentID))] }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        subject.lists.contains(segmentID)
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        compiler.profile("has(segments, \(segmentID))")
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let name = phrases.segments[segmentID] ?? String(segmentID)
        return phrases.language("属于人群“\(name)”", "is in the segment “\(name)”")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        subject.lists.contains(segmentID) ? phrases.language("在内", "in it") : phrases.language("不在内", "not in it")
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        if world.segments[segmentID] == nil { note("id", .unknownSegment(segmentID)) }
    }
}
