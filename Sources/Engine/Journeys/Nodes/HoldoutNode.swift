/// Keeps a part of the people out, so that what the rest of the journey changes can be told: they leave here.
struct HoldoutNode: JourneyNode {
    static let kind = "holdout"
    static let form = CriteriaForm(
        "ways", "对照组", "Hold out", [.init("percent", "number", "留出百分比", "percent held out")])

    var percent: Int64

    init(_ reader: CriteriaReader) { percent = reader.whole("percent", in: 1...90) }

    var json: [String: JSONValue] { ["percent": .integer(percent)] }

    func words(_ phrases: JourneyPhrases) -> String {
        phrases.language("留出 \(percent)% 作对照", "Hold out \(percent)%")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        visit.draw(100) < percent ? .end(.holdout) : .next()
    }
}
