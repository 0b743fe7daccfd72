/// A property of the event: `{"kind": "property", "property": "rating", "is": "at_least", "value": 4}`.
package struct PropertyCondition: EarningCondition {
    package static let kind = "property"
    package static let form = CriteriaForm(
        "event", "事件属性", "Event property", [.init("property", "text", "", ""), .init("", "test", "", "")])

    private let property: String
    private let test: ValueTest

    package init(_ reader: CriteriaReader) {
        property = reader.text("property")
        test = ValueTest(reader, dates: false)
    }

    package var json: [String: JSONValue] { test.json.merging(["property": .string(property)]) { $1 } }

    package func holds(_ facts: EarningFacts) -> Bool {
        facts.event?.properties.contains(property) { test.passes($0, facts.clock) } ?? false
    }

    package func finding(_ facts: EarningFacts) -> String { facts.event?.properties.first(property)?.text ?? "" }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("属性 \(property) \(test.words(.chinese))", "\(property) \(test.words(.english))")
    }
}
