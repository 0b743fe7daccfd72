/// Goes the first way whose conditions hold.
struct BranchNode: JourneyNode {
    static let kind = "branch"
    static let fork = JourneyFork.conditions
    static let form = CriteriaForm("ways", "按条件分支", "Branch by conditions", [])

    init(_ reader: CriteriaReader) {}

    var json: [String: JSONValue] { [:] }

    func words(_ phrases: JourneyPhrases) -> String { phrases.language("按条件分支", "Branch by conditions") }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        .path(visit.step.paths.firstIndex { $0.criteria.map(visit.meets) ?? false })
    }
}
