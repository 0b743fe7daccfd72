/// Waits for a length of time.
struct WaitNode: SpanNode {
    static let kind = "wait"
    static let waits = true
    static let form = CriteriaForm("time", "等待一段时间", "Wait for a while", JourneyForms.span("等待", "for"))

    var span: JourneySpan

    func words(_ phrases: JourneyPhrases) -> String {
        let text = span.words(phrases.language)
        return phrases.language("等待 \(text)", "Wait \(text)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        .wait(until: visit.now.adding(milliseconds: span.milliseconds))
    }
}

/// A node that only says how long.
protocol SpanNode: JourneyNode {
    var span: JourneySpan { get }
    init(span: JourneySpan)
}

extension SpanNode {
    init(_ reader: CriteriaReader) { self.init(span: JourneySpan(reader)) }
    var json: [String: JSONValue] { span.json }
}

/// Parts that forms of nodes share.
enum JourneyForms {
    static let units: [CriteriaForm.Choice] = [
        .init("minutes", "分钟", "minutes"), .init("hours", "小时", "hours"), .init("days", "天", "days"),
        .init("weeks", "周", "weeks"),
    ]

    /// A length of time.
    static func span(_ chinese: String, _ english: String) -> [CriteriaForm.Part] {
        [.init("amount", "number", chinese, english), .init("unit", "choice", "单位", "unit", choices: units)]
    }
}
