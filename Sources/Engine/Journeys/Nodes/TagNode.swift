/// Gives or takes a manual tag.
struct TagNode: JourneyNode {
    static let kind = "tag"
    static let form = CriteriaForm(
        "deeds", "打标签", "Tag",
        [
            .init(
                "action", "choice",
                choices: [.init("add", "打上", "give"), .init("remove", "去掉", "take")]),
            .init("tag", "tag", "标签", "tag"),
        ])

    var tag: Int64
    var adds: Bool

    init(_ reader: CriteriaReader) {
        tag = JourneyReading.id(reader, "tag")
        let action = reader.text("action", orElse: "add")
        adds = action == "add"
        if !["add", "remove"].contains(action) {
            reader.note("action", .unknownChoice(action, allowed: ["add", "remove"]))
        }
    }

    var json: [String: JSONValue] { ["tag": JSONValue(id: tag), "action": .string(adds ? "add" : "remove")] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard world.criteria.tags.nodes[tag] != nil else {
            note("tag", .unknownTag(tag))
            return
        }
        if !world.criteria.tags.isManual(tag) { note("tag", .unusable("a rule keeps this tag")) }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.tag(tag)
        return adds
            ? phrases.language("打上标签“\(name)”", "Give the tag “\(name)”")
            : phrases.language("去掉标签“\(name)”", "Take the tag “\(name)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.tag(tag, adds: adds), visit) }
}
