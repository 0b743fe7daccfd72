import Engine
import Storage

/// What one person would get, in a frame of the editor.
enum TemplatePreview {
    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("template")
        let (look, name) = (request.query.text("look"), request.query["variant"])
        do {
            let made = try await TemplateWords.found {
                try await make(id, request, variant: name, isDark: look == "dark")
            }
            if look == "text" || made.html.isEmpty { return .framed(plain(made, isDark: look == "dark")) }
            return .framed(made.html)
        } catch let error as LiquidError {
            return .framed(words(TemplateWords.liquid(name ?? "", error, request)))
        }
    }

    private static func make(
        _ id: Int64, _ request: PageRequest, variant: String?, isDark: Bool
    ) async throws -> MessageComposer.Made {
        let (platform, address, now, workspace) = (request.platform, request.address, request.now, request.workspace)
        let language = request.wording.language
        let sought = request.query.text("person")
        let links = try await platform.store.write {
            try MessageLinks.load(address: address, platform.seal, platform.effects, $0)
        }
        return try await platform.store.read { connection in
            let template = try MessageTemplates.get(id, connection)
            let known = try TemplatePage.chosen(sought, connection).flatMap {
                try RecipientFacts.load($0, workspace, connection)
            }
            let person = known ?? .sample(language, workspace, at: now)
            let composer = MessageComposer(
                template: template, content: template.draft, policy: try MessagePolicy.load(connection), links: links,
                now: now)
            let values = try TemplateValues.load(person, event: [:], workspace, at: now, connection)
            return try composer.make(message: 0, person, values, variant: variant, isTest: true, isDark: isDark)
        }
    }

    private static func plain(_ made: MessageComposer.Made, isDark: Bool) -> String {
        words([made.subject, made.text, made.link].filter { !$0.isEmpty }.joined(separator: "\n\n"))
    }

    private static func words(_ text: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        return """
            <!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><style>\
            pre{font:15px/1.6 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:16px}</style></head>\
            <body><pre>\(escaped)</pre></body></html>
            """
    }
}
