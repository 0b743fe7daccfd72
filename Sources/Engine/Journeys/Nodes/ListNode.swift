/// Puts people on a list, or takes them off it.
struct ListNode: JourneyNode {
    static let kind = "list"
    static let form = CriteriaForm(
        "deeds", "加入名单", "Put on a list",
        [
            .init(
                "action", "choice",
                choices: [.init("add", "加入", "put on"), .init("remove", "移出", "take off")]),
            .init("segment", "list", "名单", "list"),
        ])

    var segment: Int64
    var adds: Bool

    init(_ reader: CriteriaReader) {
        segment = JourneyReading.id(reader, "segment")
        let action = reader.text("action", orElse: "add")
        adds = action == "add"
        if !["add", "remove"].contains(action) {
            reader.note("action", .unknownChoice(action, allowed: ["add", "remove"]))
        }
    }

    var json: [String: JSONValue] {
        ["segment": JSONValue(id: segment), "action": .string(adds ? "add" : "remove")]
    }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard let facts = world.criteria.segments[segment] else {
            note("segment", .unknownSegment(segment))
            return
        }
        if facts.criteria != nil { note("segment", .unusable("a rule keeps this segment; only lists can be changed")) }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.segment(segment)
        return adds
            ? phrases.language("加入名单“\(name)”", "Put on the list “\(name)”")
            : phrases.language("移出名单“\(name)”", "Take off the list “\(name)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.list(segment, adds: adds), visit) }
}
