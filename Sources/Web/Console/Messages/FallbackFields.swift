import Engine

/// The selects that name templates for other channels, in order: `fallback_1`, `fallback_2`, …
struct FallbackField: Encodable, Sendable {
    var name: String
    var label: String
    var choices: [Choice]
}

enum FallbackFields {
    private static let none = "none"

    /// Of a template: nothing else, or those that are chosen.
    static func ofTemplate(_ template: MessageTemplate, _ all: [MessageTemplate], _ request: PageRequest)
        -> [FallbackField]
    {
        fields(
            template.fallbacks.map { String($0) }, all.filter { $0.channel != template.channel },
            [Choice("", request.text("template.fallback_none"), chosen: "")], request)
    }

    /// Of a broadcast: those of its template, none, or its own.
    static func ofBroadcast(_ choices: MessageChoices?, _ all: [MessageTemplate], _ request: PageRequest)
        -> [FallbackField]
    {
        let chosen = choices?.fallbacks.map { $0.isEmpty ? [none] : $0.map { String($0) } } ?? []
        return fields(
            chosen, all,
            [
                Choice("", request.text("broadcast.fallback_template"), chosen: ""),
                Choice(none, request.text("template.fallback_none"), chosen: chosen.first ?? ""),
            ], request)
    }

    private static func fields(
        _ chosen: [String], _ templates: [MessageTemplate], _ first: [Choice], _ request: PageRequest
    ) -> [FallbackField] {
        (1...MessageChoices.fallbacksMax).map { number in
            let name = "fallback_\(number)"
            let value = request.form[name] ?? (chosen.indices.contains(number - 1) ? chosen[number - 1] : "")
            // Only the first says what holds when nothing is chosen.
            let head = number == 1 ? first : [Choice("", request.text("template.fallback_none"), chosen: "")]
            return FallbackField(
                name: name, label: request.text("template.fallback_\(number)"),
                choices: head.map { Choice($0.value, $0.title, chosen: value) }
                    + templates.filter { $0.version > 0 }.map {
                        Choice(
                            String($0.id), "\($0.name) (\(request.text("message.channel_\($0.channel)")))",
                            chosen: value)
                    })
        }
    }

    /// What was chosen; nil: the first was left as it comes.
    static func read(_ form: Fields) -> [Int64]? {
        let words = (1...MessageChoices.fallbacksMax).map { form.text("fallback_\($0)") }
        if words[0] == none { return [] }
        let ids = words.compactMap { Int64($0) }
        return ids.isEmpty ? nil : ids
    }
}
