/// Notes that the journey reached its goal with this person; they go on.
struct GoalNode: JourneyNode {
    static let kind = "goal"
    static let form = CriteriaForm("ends", "达成目标", "Goal reached", [])

    init(_ reader: CriteriaReader) {}

    var json: [String: JSONValue] { [:] }

    func words(_ phrases: JourneyPhrases) -> String { phrases.language("记为达成目标", "Count as goal reached") }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { .goal }
}
