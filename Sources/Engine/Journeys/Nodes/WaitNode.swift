/// Waits for a length of time.
struct WaitNode: JourneyNode {
    static let kind = "wait"
    static let waits = true
    static let form = CriteriaForm(
        "time", "等待一段时间", "Wait for a while",
        [.init("amount", "number", "等待", "for"), .init("unit", "choice", choices: JourneyForms.units)])

    var span: JourneySpan

    init(_ reader: CriteriaReader) { span = JourneySpan(reader) }

    var json: [String: JSONValue] { span.json }

    func words(_ phrases: JourneyPhrases) -> String {
        let text = span.words(phrases.language)
        return phrases.language("等待 \(text)", "Wait \(text)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        .wait(until: visit.now.adding(milliseconds: span.milliseconds))
    }
}

/// Choices that forms of nodes share.
enum JourneyForms {
    static let units: [CriteriaForm.Choice] = [
        .init("minutes", "分钟", "minutes"), .init("hours", "小时", "hours"), .init("days", "天", "days"),
        .init("weeks", "周", "weeks"),
    ]
}
