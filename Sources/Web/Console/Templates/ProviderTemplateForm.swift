import Engine
import Storage

/// The part of a template's form that is about a provider's template, and about what notifications know besides.
struct ProviderTemplateForm: Encodable, Sendable {
    struct Parameter: Encodable, Sendable {
        var index: String
        var name: String
        /// What it is, where its name does not say so.
        var hint: String?
        var value: String
    }

    struct Option: Encodable, Sendable {
        var key: String
        var label: String
        var hint: String?
        var value: String
        var choices: [Choice]
        var isChoice: Bool
        /// `template-own`: it goes with words of our own alone; `template-made`: with a provider's template alone.
        var use: String?
    }

    var isNeeded: Bool
    var choices: [Choice]
    var hasChoices: Bool
    var signature: String
    var signatures: [String]
    var hasSignature: Bool
    var text: String?
    var parameters: [Parameter]
    var hasParameters: Bool
    var count: String

    /// What a choice shows of an approved text, so that it is known by more than its code.
    private static let textShown = 60

    /// What a channel knows besides words and values.
    static let optionKeys: [String: [String]] = [
        "push": ["icon", "image", "urgency", "ttl", "topic"], "wechat": ["mini_app_id", "mini_path", "image"],
        "wecom": ["sender", "image"],
    ]

    /// WeChat shows a picture beside words of ours, and leads into a mini program from a template of its own.
    private static let optionUses: [String: [String: String]] = [
        "wechat": ["mini_app_id": "template-made", "mini_path": "template-made", "image": "template-own"]
    ]

    /// Nil for a channel that has no providers' templates.
    static func load(
        _ variant: TemplateContent.Variant, channel: String, _ catalog: ProviderCatalog, _ request: PageRequest,
        _ connection: any SQLConnection
    ) throws -> ProviderTemplateForm? {
        let providers = catalog.of(channel).filter { $0.templateUse != .none }
        guard !providers.isEmpty else { return nil }
        let template = variant.provider ?? ProviderTemplate()
        var (choices, signatures): ([Choice], [String]) = ([], [])
        let chosen = value(template)
        for provider in providers {
            for one in try ApprovedTemplates.list(provider.name, connection) where one.status == .approved {
                if one.kind == .signature {
                    if provider.name == template.provider || template.provider.isEmpty { signatures.append(one.code) }
                    continue
                }
                let own = ProviderTemplate(provider: provider.name, code: one.code, language: one.language)
                let title = [
                    request.text("provider.name_\(provider.name)"), one.name == one.code ? "" : one.name, one.code,
                    one.language, String(one.text.prefix(textShown)),
                ]
                choices.append(
                    Choice(value(own), title.filter { !$0.isEmpty }.joined(separator: " · "), chosen: chosen))
            }
        }
        if !template.code.isEmpty, !choices.contains(where: { $0.value == chosen }) {
            choices.insert(Choice(chosen, chosen, chosen: chosen), at: 0)
        }
        return ProviderTemplateForm(
            isNeeded: providers.contains { $0.templateUse == .required }, choices: choices,
            hasChoices: !choices.isEmpty, signature: template.signature, signatures: signatures,
            hasSignature: channel == "sms", text: template.text.isEmpty ? nil : template.text,
            parameters: template.parameters.enumerated().map {
                Parameter(
                    index: String($0.offset), name: $0.element.name, hint: hint($0.element.name, request),
                    value: $0.element.value)
            }, hasParameters: !template.parameters.isEmpty, count: String(template.parameters.count))
    }

    /// What the channel knows besides; none for most.
    static func options(
        _ variant: TemplateContent.Variant, channel: String, _ request: PageRequest
    ) -> [Option] {
        let options = variant.provider?.options ?? [:]
        return (optionKeys[channel] ?? []).map { key in
            let value = options[key] ?? ""
            let choices =
                key == "urgency"
                ? WebPush.urgencies.map {
                    Choice(
                        $0, request.text("template.urgency_\($0.replacing("-", with: "_"))"),
                        chosen: value.isEmpty ? "normal" : value)
                } : []
            return Option(
                key: key, label: request.text("template.option_\(key)"),
                hint: request.wording.known("template.option_hint_\(key)"), value: value, choices: choices,
                isChoice: !choices.isEmpty, use: optionUses[channel]?[key])
        }
    }

    /// What stands above a text of WhatsApp's as a file.
    private static let files: Set<String> = ["image", "video", "document"]

    /// Of WhatsApp's buttons, counted from nought, and headings: `button.0`, `button.0.code`, `header.image`.
    private static func hint(_ place: String, _ request: PageRequest) -> String? {
        let parts = place.split(separator: ".").map(String.init)
        guard parts.count > 1 else { return nil }
        if parts[0] == "header" {
            return files.contains(parts[1]) ? request.text("template.place_file") : nil
        }
        guard parts[0] == "button", let index = Int64(parts[1]) else { return nil }
        return request.text(
            parts.count > 2 ? "template.place_code" : "template.place_button",
            ["number": request.wording.number(index + 1)])
    }

    private static func value(_ template: ProviderTemplate) -> String {
        [template.provider, template.code, template.language].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Takes what was posted into a variant. Another template brings its own text and places; values of places that it
    /// has too stay.
    static func apply(
        _ form: Fields, to variant: inout TemplateContent.Variant, _ connection: any SQLConnection
    ) throws {
        guard form["provider_form"] == "1" else { return }
        var template = variant.provider ?? ProviderTemplate()
        let count = min(Int(form.int("parameters") ?? 0), TemplateLimits.parameters)
        for index in 0..<max(count, 0) {
            guard let name = form["p\(index)_name"],
                let place = template.parameters.firstIndex(where: { $0.name == name })
            else { continue }
            template.parameters[place].value = form.text("p\(index)_value")
        }
        for key in Set(optionKeys.values.joined()).sorted() {
            if let value = form["o_\(key)"] { template.options[key] = value.isEmpty ? nil : value }
        }
        template.signature = form["signature"].map { Whitespace.trim($0) } ?? template.signature
        if let wanted = form["provider_template"], wanted != value(template) {
            let words = wanted.split(separator: " ").map(String.init)
            (template.provider, template.code, template.language) = (
                words.first ?? "", words.count > 1 ? words[1] : "", words.count > 2 ? words[2] : ""
            )
            let known = try ApprovedTemplates.get(
                template.provider, code: template.code, language: template.language, connection)
            template.text = known?.text ?? ""
            let before = template.parameters
            template.parameters = (known?.parameters ?? []).map { name in
                ProviderTemplate.Parameter(
                    name: name, value: before.first { $0.name == name }?.value ?? starter(name))
            }
        }
        variant.provider = template == ProviderTemplate() ? nil : template
    }

    /// What a place most often wants, by its name.
    private static func starter(_ name: String) -> String {
        switch name.lowercased() {
        case "name", "customer", "user": "{{ person.first_name }}"
        case "points": "{{ points.available }}"
        case "coupon", "coupon_code": "{{ coupon.code }}"
        default: ""
        }
    }
}
