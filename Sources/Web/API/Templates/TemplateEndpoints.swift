import Engine
import Storage

/// Templates: drafts, versions, previews.
enum TemplateEndpoints {
    private static let tag = "Templates"

    private static let block = APISchema.object([
        APIField("kind", .words(EmailBlock.Kind.allCases.map(\.rawValue))), .optional("text", .string()),
        .optional("url", .string()), .optional("image", .string()), .optional("value", .string()),
        .optional("when", .string(), "A condition like `points.available > 0`; empty: always."),
        .optional("columns", .array(.array(.any)), "Of `columns`: blocks side by side."),
    ])
    private static let provided = APISchema.named(
        "ProviderTemplate",
        .object([
            .optional("provider", .string(max: 40)),
            .optional("code", .string(max: 200), "Of the provider’s template."),
            .optional("language", .string(max: 20)), .optional("signature", .string(max: 80)),
            .optional("text", .string(), "As the provider approved it, with its places."),
            .optional(
                "parameters",
                .array(
                    .object([APIField("name", .string(min: 1, max: 80)), APIField("value", .string())]),
                    count: 0...TemplateLimits.parameters)),
            .optional("options", .map(.string()), "Of push: icon, image, urgency, ttl, topic."),
        ]))
    private static let content = APISchema.named(
        "TemplateContent",
        .object([
            APIField(
                "variants",
                .array(
                    .object([
                        .optional("name", .string(max: 40)), .optional("weight", .integer(0...1_000)),
                        .optional("subject", .string()), .optional("preheader", .string()),
                        .optional("blocks", .array(block, count: 0...TemplateLimits.blocks)),
                        .optional(
                            "body", .string(), "Of an inbox item and a notification its text, of a webhook its JSON."),
                        .optional("link", .string()),
                        .optional("provider", provided, "Of a channel that providers carry."),
                    ]), count: 1...TemplateLimits.variants))
        ]))
    static let template = APISchema.named(
        "Template",
        .object([
            APIField("id", .id), APIField("name", .string()), APIField("channel", .words(ChannelCatalog.names)),
            APIField("topic", .string()), APIField("transactional", .boolean), APIField("draft", content),
            APIField("fallbacks", .array(.id), "Templates of other channels, tried in order."),
            APIField("version", .integer(), "Of what is sent; 0: nothing was published."),
            APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
        ]))
    private static let draft = APISchema.object([
        APIField("name", .string(min: 1, max: TemplateLimits.nameCharacters)),
        .optional("channel", .words(ChannelCatalog.names), "`email` unless told; it stays as it was made."),
        .optional("topic", .string(max: 40), "A topic of the policy."), .optional("transactional", .boolean),
        APIField("content", content),
        .optional(
            "fallbacks", .array(.id, count: 0...MessageChoices.fallbacksMax),
            "Templates of other channels, tried in order when this one does not reach a person."),
    ])
    private static let made = APISchema.object([
        APIField("variant", .string()), APIField("subject", .string()), APIField("html", .string()),
        APIField("text", .string()), APIField("link", .string()),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/templates", "listTemplates", tag: tag, "All templates, by name.",
            access: .scope(.messagesRead), response: .object([APIField("items", .array(template))]), handler: list),
        APIRoute(
            .post, "/api/v1/templates", "createTemplate", tag: tag, "A new draft.", access: .scope(.messagesWrite),
            body: .json(draft), status: .created, response: template, handler: create),
        APIRoute(
            .get, "/api/v1/templates/{id}", "getTemplate", tag: tag, "One template.", access: .scope(.messagesRead),
            parameters: [.path("id")], response: template, handler: get),
        APIRoute(
            .put, "/api/v1/templates/{id}", "updateTemplate", tag: tag, "Change the draft; what is sent stays.",
            access: .scope(.messagesWrite), parameters: [.path("id")], body: .json(draft), response: template,
            handler: update),
        APIRoute(
            .delete, "/api/v1/templates/{id}", "archiveTemplate", tag: tag,
            "Take it out of the lists; what is planned with it is still sent.", access: .scope(.messagesWrite),
            parameters: [.path("id")], response: .object([]), handler: archive),
        APIRoute(
            .post, "/api/v1/templates/{id}/versions", "publishTemplate", tag: tag,
            "Put the draft in force, after a strict check.", access: .scope(.messagesWrite),
            parameters: [.path("id")], status: .created, response: template, handler: publish),
        APIRoute(
            .post, "/api/v1/templates/{id}/previews", "previewTemplate", tag: tag,
            "The draft as a person would get it.", access: .scope(.messagesRead), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("profile_id", .id), .optional("variant", .string()),
                    .optional("values", .object([], isOpen: true)),
                ])), response: made, handler: preview),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let found = try await context.platform.store.read { try MessageTemplates.list($0) }
        return APIResponse(["items": .array(try found.map(json))])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (draft, actor, effects) = (try draft(request.body), request.caller.actor, context.platform.effects)
        return APIResponse(
            try json(
                try await context.platform.store.write { try MessageTemplates.create(draft, by: actor, effects, $0) }))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(try json(try await context.platform.store.read { try MessageTemplates.get(id, $0) }))
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, draft, actor) = (try request.id("id"), try draft(request.body), request.caller.actor)
        let now = context.platform.effects.now()
        return APIResponse(
            try json(
                try await context.platform.store.write {
                    try MessageTemplates.update(id, draft, by: actor, at: now, $0)
                }))
    }

    @Sendable private static func archive(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { try MessageTemplates.archive(id, by: actor, at: now, $0) }
        return APIResponse([:])
    }

    @Sendable private static func publish(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        return APIResponse(
            try json(
                try await context.platform.store.write { try MessageTemplates.publish(id, by: actor, at: now, $0) }))
    }

    @Sendable private static func preview(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, platform) = (try request.id("id"), request.body, context.platform)
        let profile = body["profile_id"]?.stringValue.flatMap { Int64($0) } ?? 0
        let now = platform.effects.now()
        let links = try await platform.store.write {
            try MessageLinks.load(address: "", platform.seal, platform.effects, $0)
        }
        let made = try await platform.store.read { connection in
            let template = try MessageTemplates.get(id, connection)
            let workspace = try Workspace.load(connection)
            guard let person = try RecipientFacts.load(profile, workspace, connection) else {
                throw ProfileError.notFound(profile)
            }
            let values = try TemplateValues.load(
                person, event: body["values"] ?? [:], workspace, at: now, connection)
            return try MessageComposer(
                template: template, content: template.draft, policy: try MessagePolicy.load(connection), links: links,
                now: now
            ).make(message: 0, person, values, variant: body["variant"]?.stringValue, isTest: true)
        }
        return APIResponse([
            "variant": .string(made.variant), "subject": .string(made.subject), "html": .string(made.html),
            "text": .string(made.text), "link": .string(made.link),
        ])
    }

    private static func draft(_ body: JSONValue) throws -> MessageTemplate.Draft {
        let content: TemplateContent
        do {
            content = try StoredDocument.value(TemplateContent.self, from: (body["content"] ?? [:]).text())
        } catch let error as DecodingError {
            throw Problem(
                .unprocessableContent, "bad_content", "The content cannot be read: \(error)".prefix(300).description,
                flaws: [.init("body.content", "cannot be read")])
        }
        return MessageTemplate.Draft(
            name: body["name"]?.stringValue ?? "", channel: body["channel"]?.stringValue ?? "email",
            topic: body["topic"]?.stringValue ?? "", isTransactional: body["transactional"]?.boolValue ?? false,
            content: content,
            fallbacks: (body["fallbacks"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { Int64($0) } })
    }

    private static func json(_ template: MessageTemplate) throws -> JSONValue {
        [
            "id": JSONValue(id: template.id), "name": .string(template.name), "channel": .string(template.channel),
            "topic": .string(template.topic), "transactional": .bool(template.isTransactional),
            "draft": try JSONValue(parsing: try StoredDocument.text(template.draft)),
            "fallbacks": .array(template.fallbacks.map { JSONValue(id: $0) }),
            "version": .integer(template.version), "created_at": JSONValue(template.createdAt),
            "updated_at": JSONValue(template.updatedAt),
        ]
    }
}
