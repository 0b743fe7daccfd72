/// A template of words as Meta is asked for it: one language, and an example for every place, which its reviewers look at.
///
/// Places are numbers from 1 on (`{{1}}`) or names of small letters (`{{order_id}}`), never both. What verifies somebody has
/// words of Meta's own and is made there.
struct WhatsAppDraft {
    static let categories: [String: String] = ["notice": "UTILITY", "marketing": "MARKETING"]

    let json: JSONValue

    /// Throws: `ProviderError.badField` naming the field.
    init(_ draft: ProviderTemplateDraft) throws {
        guard draft.name.wholeMatch(of: /[a-z0-9_]+/) != nil else { throw ProviderError.badField("name") }
        guard draft.language.wholeMatch(of: /[a-z]{2,3}(_[A-Z]{2,3})?/) != nil else {
            throw ProviderError.badField("language")
        }
        guard let category = Self.categories[draft.category] else { throw ProviderError.badField("category") }
        let places = Self.places(in: draft.text)
        let isNumbered = places.elementsEqual((0..<places.count).map { String($0 + 1) })
        let isNamed = places.allSatisfy { $0.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil }
        guard isNumbered || isNamed else { throw ProviderError.badField("text") }
        guard draft.examples.count == places.count else { throw ProviderError.badField("examples") }
        var body: [String: JSONValue] = ["type": "BODY", "text": .string(draft.text)]
        var members: [String: JSONValue] = [
            "name": .string(draft.name), "language": .string(draft.language), "category": .string(category),
        ]
        if !places.isEmpty, isNumbered {
            body["example"] = ["body_text": [.array(draft.examples.map { .string($0) })]]
        } else if !places.isEmpty {
            let named = zip(places, draft.examples).map { name, example -> JSONValue in
                ["param_name": .string(name), "example": .string(example)]
            }
            body["example"] = ["body_text_named_params": .array(named)]
            members["parameter_format"] = "NAMED"
        }
        members["components"] = [.object(body)]
        json = .object(members)
    }

    /// The names of all places, each once, in order.
    private static func places(in text: String) -> [String] {
        var names: [String] = []
        for match in text.matches(of: /\{\{\s*(\w{1,64})\s*\}\}/) where !names.contains(String(match.1)) {
            names.append(String(match.1))
        }
        return names
    }
}
