import Storage

/// A template of words as Meta is asked for it: one language, and an example for every place, which its reviewers look at.
///
/// Places are numbers from 1 on (`{{1}}`) or names of small letters (`{{order_id}}`), never both; a title counts its own. An
/// address of a button may end in one, which is `{{1}}` always. What verifies somebody has words of Meta's own and is made
/// there. Source: Meta, WhatsApp Business Platform, "Template components".
struct WhatsAppDraft {
    static let categories: [String: String] = ["notice": "UTILITY", "marketing": "MARKETING"]

    private static let titleCharacters = 60
    private static let labelCharacters = 25
    private static let addressCharacters = 2_000

    let json: JSONValue

    /// Throws: `ProviderError.badField` naming the field.
    init(_ draft: ProviderTemplateDraft) throws {
        guard draft.name.wholeMatch(of: /[a-z0-9_]+/) != nil else { throw ProviderError.badField("name") }
        guard draft.language.wholeMatch(of: /[a-z]{2,3}(_[A-Z]{2,3})?/) != nil else {
            throw ProviderError.badField("language")
        }
        guard let category = Self.categories[draft.category] else { throw ProviderError.badField("category") }
        let (words, title) = (Self.places(in: draft.text), Self.places(in: draft.header))
        guard Self.areNumbered(words) || Self.areNamed(words) else { throw ProviderError.badField("text") }
        let areNumbered = Self.areNumbered(words) && Self.areNumbered(title)
        guard areNumbered || Self.areNamed(words) && Self.areNamed(title) else {
            throw ProviderError.badField("header")
        }
        guard draft.examples.count == words.count else { throw ProviderError.badField("examples") }
        let components: [JSONValue?] = [
            try Self.header(draft, title, areNumbered), Self.body(draft, words, areNumbered), try Self.buttons(draft),
        ]
        var members: [String: JSONValue] = [
            "name": .string(draft.name), "language": .string(draft.language), "category": .string(category),
            "components": .array(components.compactMap { $0 }),
        ]
        if !areNumbered { members["parameter_format"] = "NAMED" }
        json = .object(members)
    }

    private static func header(
        _ draft: ProviderTemplateDraft, _ places: [String], _ areNumbered: Bool
    ) throws -> JSONValue? {
        guard !draft.header.isEmpty || !draft.headerExample.isEmpty else { return nil }
        guard (1...titleCharacters).contains(draft.header.count), places.count <= 1,
            !draft.header.contains(where: \.isNewline)
        else { throw ProviderError.badField("header") }
        guard places.isEmpty == draft.headerExample.isEmpty else { throw ProviderError.badField("header_example") }
        var header: [String: JSONValue] = ["type": "HEADER", "format": "TEXT", "text": .string(draft.header)]
        if let place = places.first, !areNumbered {
            header["example"] = ["header_text_named_params": [example(place, draft.headerExample)]]
        } else if !places.isEmpty {
            header["example"] = ["header_text": [.string(draft.headerExample)]]
        }
        return .object(header)
    }

    private static func body(
        _ draft: ProviderTemplateDraft, _ places: [String], _ areNumbered: Bool
    ) -> JSONValue {
        var body: [String: JSONValue] = ["type": "BODY", "text": .string(draft.text)]
        if !places.isEmpty, areNumbered {
            body["example"] = ["body_text": [.array(draft.examples.map { .string($0) })]]
        } else if !places.isEmpty {
            let named = zip(places, draft.examples).map { example($0, $1) }
            body["example"] = ["body_text_named_params": .array(named)]
        }
        return .object(body)
    }

    private static func buttons(_ draft: ProviderTemplateDraft) throws -> JSONValue? {
        guard !draft.buttonLabel.isEmpty || !draft.buttonURL.isEmpty || !draft.buttonExample.isEmpty else { return nil }
        guard (1...labelCharacters).contains(draft.buttonLabel.count) else {
            throw ProviderError.badField("button_label")
        }
        let hasPlace = draft.buttonURL.hasSuffix("{{1}}")
        let fixed = hasPlace ? String(draft.buttonURL.dropLast(5)) : draft.buttonURL
        guard draft.buttonURL.count <= addressCharacters, fixed.wholeMatch(of: /https?:\/\/[^\s{}]+/) != nil else {
            throw ProviderError.badField("button_url")
        }
        guard hasPlace != draft.buttonExample.isEmpty else { throw ProviderError.badField("button_example") }
        var button: [String: JSONValue] = [
            "type": "URL", "text": .string(draft.buttonLabel), "url": .string(draft.buttonURL),
        ]
        if hasPlace { button["example"] = [.string(draft.buttonExample)] }
        return ["type": "BUTTONS", "buttons": [.object(button)]]
    }

    private static func example(_ name: String, _ value: String) -> JSONValue {
        ["param_name": .string(name), "example": .string(value)]
    }

    private static func areNumbered(_ places: [String]) -> Bool {
        places.elementsEqual((0..<places.count).map { String($0 + 1) })
    }

    private static func areNamed(_ places: [String]) -> Bool {
        places.allSatisfy { $0.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil }
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
