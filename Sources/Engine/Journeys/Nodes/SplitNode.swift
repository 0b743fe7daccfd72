/// Deals people to several ways at random, by weight; the same person always to the same one.
struct SplitNode: JourneyNode {
    static let kind = "split"
    static let fork = JourneyFork.weights
    static let form = CriteriaForm("ways", "随机分流", "Split at random", [])

    init(_ reader: CriteriaReader) {}

    var json: [String: JSONValue] { [:] }

    func words(_ phrases: JourneyPhrases) -> String { phrases.language("随机分流", "Split at random") }

    func check(_ world: JourneyWorld, _ step: JourneyStep, _ note: (String, CriteriaIssue.Reason) -> Void) {
        if step.paths.count < 2 { note("paths", .missing("paths[1]")) }
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        .path(visit.draw(weights: visit.step.paths.map(\.weight)))
    }
}
