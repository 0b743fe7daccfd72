import Engine
import Storage

/// What one person would get, in a frame of the editor: of what is stored, or of what is being typed.
enum TemplatePreview {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request, request.query, typed: nil)
    }

    /// Of the form as it stands, without saving it.
    static func typed(_ request: PageRequest) async throws -> Reply {
        try await answer(request, request.form, typed: request.form)
    }

    /// - Parameter asked: as whom (`person`), which `variant`, and the `look`.
    private static func answer(_ request: PageRequest, _ asked: Fields, typed: Fields?) async throws -> Reply {
        let (look, name) = (asked.text("look"), asked["variant"])
        do {
            let made = try await TemplateWords.found { try await make(request, asked, typed, isDark: look == "dark") }
            return .framed(TemplatePreviewPage(request, isDark: look == "dark").shown(made, asText: look == "text"))
        } catch let error as LiquidError {
            let words = TemplateWords.liquid(name ?? "", error, request)
            return .framed(TemplatePreviewPage(request, isDark: look == "dark").problem(words))
        }
    }

    /// A message, for whom, and what of it this person does not see.
    struct Made: Sendable {
        var message: MessageComposer.Made
        var channel: String
        /// Of one part, by the provider that carries it; 0: none is known.
        var priceMicro: Int64
        var person: RecipientFacts
        var isFound: Bool
        var hidden: [EmailBlock.Kind]
        var sender: String
    }

    private static func make(
        _ request: PageRequest, _ asked: Fields, _ typed: Fields?, isDark: Bool
    ) async throws -> Made {
        let (id, platform, address) = (try request.id("template"), request.platform, request.address)
        let (now, workspace, language) = (request.now, request.workspace, request.wording.language)
        let (sought, name, catalog) = (asked.text("person"), asked["variant"], request.console.configuration.providers)
        let links = try await platform.store.write {
            try MessageLinks.load(address: address, platform.seal, platform.effects, $0)
        }
        return try await platform.store.read { connection in
            let template = try MessageTemplates.get(id, connection)
            let known = try TemplatePage.chosen(sought, connection).flatMap {
                try RecipientFacts.load($0, workspace, connection)
            }
            let person = known ?? .sample(language, workspace, at: now)
            var shown = template.draft.variants.first { $0.name == name } ?? template.draft.variants[0]
            if let typed {
                shown = TemplateForm.variant(typed, before: shown)
                try ProviderTemplateForm.apply(typed, to: &shown, connection)
            }
            let composer = MessageComposer(
                template: template, content: TemplateContent(variants: [shown]),
                policy: try MessagePolicy.load(connection), links: links, now: now)
            let values = try TemplateValues.load(person, event: [:], workspace, at: now, connection)
            let made = try composer.make(
                message: 0, person, values, variant: shown.name, isTest: true, isDark: isDark)
            let settings = try EmailSettings.load(connection)
            let sender = settings.fromName.isEmpty ? settings.fromAddress : settings.fromName
            let provider = catalog.providers.first { $0.name == made.content?.provider }
            return Made(
                message: made, channel: template.channel,
                priceMicro: try provider.map { try ProviderAccount.load($0, connection).priceMicro } ?? 0,
                person: person, isFound: known != nil || sought.isEmpty,
                hidden: made.hidden.map { shown.blocks[$0].kind }, sender: sender.isEmpty ? workspace.name : sender)
        }
    }
}
