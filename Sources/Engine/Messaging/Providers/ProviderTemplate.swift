/// Which template of a provider a variant is made of, and what it is filled in with. In a variant the values are Liquid,
/// in a message they are what the person gets.
package struct ProviderTemplate: Codable, Sendable, Equatable {
    package struct Parameter: Codable, Sendable, Equatable {
        /// As the provider calls it: `code`, `1`, `thing1`, `body.1`.
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var provider: String
    /// Of the provider's template; empty: none is used.
    package var code: String
    package var language: String
    /// Of a text message, the name in brackets before it.
    package var signature: String
    /// What the provider approved, with its places as the provider writes them.
    package var text: String
    package var parameters: [Parameter]
    /// Whatever else the provider knows of, by its own key.
    package var options: [String: String]

    package init(
        provider: String = "", code: String = "", language: String = "", signature: String = "", text: String = "",
        parameters: [Parameter] = [], options: [String: String] = [:]
    ) {
        self.provider = provider
        self.code = code
        self.language = language
        self.signature = signature
        self.text = text
        self.parameters = parameters
        self.options = options
    }

    private enum CodingKeys: String, CodingKey {
        case provider, code, language, signature, text, parameters, options
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let text = { (key: CodingKeys) in try fields.decodeIfPresent(String.self, forKey: key) ?? "" }
        self.init(
            provider: try text(.provider), code: try text(.code), language: try text(.language),
            signature: try text(.signature), text: try text(.text),
            parameters: try fields.decodeIfPresent([Parameter].self, forKey: .parameters) ?? [],
            options: try fields.decodeIfPresent([String: String].self, forKey: .options) ?? [:])
    }

    package var isEmpty: Bool { code.isEmpty && options.values.allSatisfy(\.isEmpty) }

    package func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// Every piece of Liquid in it, by where it stands.
    var sources: [(field: String, source: String)] {
        parameters.map { ("parameters.\($0.name)", $0.value) }
            + options.sorted { $0.key < $1.key }.map { ("options.\($0.key)", $0.value) }
    }

    /// The approved text with its places filled in: `${name}`, `{{name.DATA}}`, `{{1}}` and `{1}`.
    package var filled: String {
        var out = ""
        var rest = text[...]
        while let place = ProviderPlace.first(in: rest) {
            out += rest[..<place.range.lowerBound]
            out += place.names.compactMap { value($0) }.first ?? String(rest[place.range])
            rest = rest[place.range.upperBound...]
        }
        return out + rest
    }
}

/// Where a provider's template is filled in.
package struct ProviderPlace {
    var range: Range<Substring.Index>
    /// As parameters may call it.
    var names: [String]

    static func first(in text: Substring) -> ProviderPlace? {
        // ${name} of Aliyun, {{thing1.DATA}} of WeChat, {{1}} and {{name}} of WhatsApp, {1} of Tencent.
        let pattern = /\$\{\s*(?<a>\w{1,64})\s*\}|\{\{\s*(?<b>[\w.]{1,64}?)(?:\.DATA)?\s*\}\}|\{\s*(?<c>\d{1,3})\s*\}/
        guard let found = text.firstMatch(of: pattern) else { return nil }
        let name = String(found.output.a ?? found.output.b ?? found.output.c ?? "")
        return ProviderPlace(range: found.range, names: [name, "body.\(name)"])
    }

    /// The names of all places of a text, each once, in order.
    package static func names(in text: String) -> [String] {
        var names: [String] = []
        var rest = text[...]
        while let place = first(in: rest) {
            if let name = place.names.first, !names.contains(name) { names.append(name) }
            rest = rest[place.range.upperBound...]
        }
        return names
    }
}
