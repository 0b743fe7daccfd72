/// Sets a trait, through the log like everything that is known of people.
struct TraitNode: JourneyNode {
    static let kind = "trait"
    static let form = CriteriaForm(
        "deeds", "设置属性", "Set a trait",
        [.init("trait", "trait", "属性", "trait"), .init("value", "text", "设为", "to")])

    var trait: String
    var value: JSONValue

    init(_ reader: CriteriaReader) {
        trait = reader.text("trait")
        value = reader.value("value") ?? .null
        switch value {
        case .null: reader.note("value", .missing("value"))
        case .array, .object: reader.note("value", .wrongType(expected: "a text, a number or a boolean"))
        default: break
        }
        if trait.lowercased().hasPrefix("consent") {
            reader.note("trait", .told(chinese: "同意只能由顾客本人给出", english: "Only people themselves give consent"))
        }
    }

    var json: [String: JSONValue] { ["trait": .string(trait), "value": value] }

    func words(_ phrases: JourneyPhrases) -> String {
        let text = value.stringValue ?? value.text()
        return phrases.language("把“\(trait)”设为“\(text)”", "Set “\(trait)” to “\(text)”")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove { JourneyDeeds.done(.trait(trait, value), visit) }
}
