/// Puts people on a list, or takes them off it.
struct ListNode: JourneyNode {
    static let kind = "list"
    static let form = CriteriaForm(
        "deeds", "加入名单", "Put on a list",
        GiveOrTake.form(
            .init("add", "加入", "put on"), .init("remove", "移出", "take off"), "list", "名单", "list", field: "segment"))

    var list: GiveOrTake

    init(_ reader: CriteriaReader) { list = GiveOrTake(reader, "segment") }

    var json: [String: JSONValue] { list.json("segment") }
    var references: Set<JourneyReference> { [.segment(list.id)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard let facts = world.criteria.segments[list.id] else {
            note("segment", .unknownSegment(list.id))
            return
        }
        if facts.criteria != nil {
            note("segment", .told(chinese: "该人群由规则维护，请选择名单", english: "A rule keeps this segment; choose a list"))
        }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.segment(list.id)
        return list.adds
            ? phrases.language("加入名单“\(name)”", "Put on the list “\(name)”")
            : phrases.language("移出名单“\(name)”", "Take off the list “\(name)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.list(list.id, adds: list.adds), visit) }
}
