/// The person leaves the journey here.
struct ExitNode: JourneyNode {
    static let kind = "exit"
    static let form = CriteriaForm("ends", "离开", "Leave", [])

    init(_ reader: CriteriaReader) {}

    var json: [String: JSONValue] { [:] }

    func words(_ phrases: JourneyPhrases) -> String { phrases.language("离开旅程", "Leave the journey") }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { .end(.exit) }
}
