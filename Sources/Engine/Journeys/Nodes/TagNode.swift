/// Gives or takes a manual tag.
struct TagNode: JourneyNode {
    static let kind = "tag"
    static let form = CriteriaForm(
        "deeds", "打标签", "Tag",
        GiveOrTake.form(.init("add", "打上", "give"), .init("remove", "去掉", "take"), "tag", "标签", "tag"))

    var tag: GiveOrTake

    init(_ reader: CriteriaReader) { tag = GiveOrTake(reader, "tag") }

    var json: [String: JSONValue] { tag.json("tag") }
    var references: Set<JourneyReference> { [.tag(tag.id)] }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        guard world.criteria.tags.nodes[tag.id] != nil else {
            note("tag", .unknownTag(tag.id))
            return
        }
        if !world.criteria.tags.isManual(tag.id) {
            note("tag", .told(chinese: "该标签由规则维护，请选择手动标签", english: "A rule keeps this tag; choose a manual one"))
        }
    }

    func words(_ phrases: JourneyPhrases) -> String {
        let name = phrases.tag(tag.id)
        return tag.adds
            ? phrases.language("打上标签“\(name)”", "Give the tag “\(name)”")
            : phrases.language("去掉标签“\(name)”", "Take the tag “\(name)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.tag(tag.id, adds: tag.adds), visit) }
}

/// Something that people are given, or that is taken from them.
struct GiveOrTake: Sendable, Equatable {
    var id: Int64
    var adds: Bool

    init(_ reader: CriteriaReader, _ name: String) {
        id = JourneyReading.id(reader, name)
        let action = reader.text("action", orElse: "add")
        adds = action == "add"
        if !["add", "remove"].contains(action) {
            reader.note("action", .unknownChoice(action, allowed: ["add", "remove"]))
        }
    }

    func json(_ name: String) -> [String: JSONValue] {
        [name: JSONValue(id: id), "action": .string(adds ? "add" : "remove")]
    }

    static func form(
        _ add: CriteriaForm.Choice, _ remove: CriteriaForm.Choice, _ input: String, _ chinese: String,
        _ english: String, field: String? = nil
    ) -> [CriteriaForm.Part] {
        [
            .init("action", "choice", "操作", "what to do", choices: [add, remove]),
            .init(field ?? input, input, chinese, english),
        ]
    }
}
