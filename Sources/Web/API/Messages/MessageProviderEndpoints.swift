import Engine
import Storage

/// Who carries messages: accounts, what they approved, and a look whether all works.
enum MessageProviderEndpoints {
    private static let tag = MessageEndpoints.tag

    private static let texts = APISchema.map(.string(max: ProviderLimits.valueBytes))
    private static let provider = APISchema.named(
        "MessageProvider",
        .object([
            APIField("name", .string()), APIField("channel", .string()), APIField("enabled", .boolean),
            APIField("complete", .boolean, "Whether all that it needs is there."),
            APIField("base_url", .string(), "Where its API is."), APIField("values", texts),
            APIField("secrets", .array(.string()), "Names of those that are kept; what they are is told nobody."),
            APIField("per_second", .integer()), APIField("price_micro", .integer()),
            APIField(
                "receipts_path", .string(),
                "Where the provider tells what became of messages; empty before it is set up."),
            APIField(
                "closed",
                .array(
                    .object([
                        APIField("scope", .string(), "The channel, `CHANNEL@PROVIDER`, or `template:ID`."),
                        APIField("until", .timestamp), APIField("detail", .string()),
                    ])), "What nothing goes out of at the moment."),
        ]))
    private static let draft = APISchema.object([
        APIField("enabled", .boolean), .optional("base_url", .string(max: ProviderLimits.valueBytes)),
        .optional("values", texts), .optional("secrets", texts, "Those that change; an empty one is taken away."),
        .optional("per_second", .integer(0...100_000), "0: no bound."),
        .optional("price_micro", .integer(0...1_000_000_000), "Of one unit, in millionths of the currency."),
    ])
    private static let template = APISchema.object([
        APIField("kind", .words(ApprovedTemplate.Kind.allCases.map(\.rawValue))), APIField("code", .string()),
        APIField("language", .string()), APIField("name", .string()), APIField("text", .string()),
        APIField("status", .words(ApprovedTemplate.Status.allCases.map(\.rawValue))), APIField("detail", .string()),
        APIField("category", .string()), APIField("parameters", .array(.string())),
    ])
    private static let name = APIParameter.path("name", .string(min: 1, max: 40))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/message-providers", "listMessageProviders", tag: tag, "All providers.",
            access: .scope(.messagesRead), response: .object([APIField("items", .array(provider))]), handler: list),
        APIRoute(
            .get, "/api/v1/message-providers/{name}", "getMessageProvider", tag: tag, "One provider.",
            access: .scope(.messagesRead), parameters: [name], response: provider, handler: get),
        APIRoute(
            .put, "/api/v1/message-providers/{name}", "setMessageProvider", tag: tag,
            "Set an account up. What is left out stays.", access: .scope(.messagesWrite), parameters: [name],
            body: .json(draft), response: provider, handler: set),
        APIRoute(
            .post, "/api/v1/message-providers/{name}/checks", "checkMessageProvider", tag: tag,
            "Ask the provider whether the account works, and what it has left.", access: .scope(.messagesWrite),
            parameters: [name], response: .object([APIField("facts", texts)]), handler: check),
        APIRoute(
            .post, "/api/v1/message-providers/{name}/trials", "tryMessageProvider", tag: tag,
            "Send one message now, past the policy.", access: .scope(.messagesWrite), parameters: [name],
            body: .json(
                .object([
                    APIField("to", .string(min: 1, max: 254)), .optional("template", .string(max: 200)),
                    .optional("language", .string(max: 20)), .optional("signature", .string(max: 80)),
                    .optional("parameters", texts), .optional("title", .string(max: 200)),
                    .optional("text", .string(max: 4_000)),
                ])),
            response: .object([
                APIField("outcome", .words(["sent", "delivered", "retry", "refused", "closed", "unknown"])),
                APIField("detail", .string(), "The provider's id of the message, or what it said."),
            ]), handler: trial),
        APIRoute(
            .post, "/api/v1/message-providers/{name}/openings", "openMessageProvider", tag: tag,
            "Try again what was closed after errors.", access: .scope(.messagesWrite), parameters: [name],
            response: provider, handler: open),
        APIRoute(
            .get, "/api/v1/message-providers/{name}/templates", "listProviderTemplates", tag: tag,
            "Templates and signatures, as they were last fetched.", access: .scope(.messagesRead),
            parameters: [name], response: .object([APIField("items", .array(template))]), handler: templates),
        APIRoute(
            .put, "/api/v1/message-providers/{name}/templates", "fetchProviderTemplates", tag: tag,
            "Fetch templates and signatures from the provider.", access: .scope(.messagesWrite), parameters: [name],
            response: .object([APIField("items", .array(template))]), handler: fetch),
        APIRoute(
            .post, "/api/v1/message-providers/{name}/templates", "submitProviderTemplate", tag: tag,
            "Hand a template in for approval.", access: .scope(.messagesWrite), parameters: [name],
            body: .json(
                .object([
                    APIField("name", .string(min: 1, max: 80)), APIField("text", .string(min: 1, max: 500)),
                    APIField("category", .words(ProviderTemplateDraft.categories)),
                    .optional("language", .string(max: 20), "WhatsApp needs it: `zh_CN`."),
                    .optional("remark", .string(max: 200)),
                    .optional(
                        "examples",
                        .array(
                            .string(min: 1, max: ProviderTemplateDraft.exampleCharacters),
                            count: 0...ProviderTemplateDraft.examplesMax),
                        "A value for each place, in order; WhatsApp needs them."),
                    .optional("header", .string(max: 60), "WhatsApp: a title above the text, with at most one place."),
                    .optional("header_example", .string(max: ProviderTemplateDraft.exampleCharacters)),
                    .optional("button_label", .string(max: 25), "WhatsApp: a button that leads somewhere."),
                    .optional("button_url", .string(max: 2_000), "Its address; it may end in `{{1}}`."),
                    .optional("button_example", .string(max: ProviderTemplateDraft.exampleCharacters)),
                ])), status: .accepted, response: .object([]), handler: submit),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (platform, providers) = (context.platform, context.providers.providers)
        let items = try await platform.store.read { connection in
            try providers.map { try json($0, platform, connection) }
        }
        return APIResponse(["items": .array(items)])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let provider = try context.providers.provider(request.string("name") ?? "")
        let platform = context.platform
        return APIResponse(try await platform.store.read { try json(provider, platform, $0) })
    }

    @Sendable private static func open(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let provider = try context.providers.provider(request.string("name") ?? "")
        let (platform, now) = (context.platform, context.platform.effects.now())
        return APIResponse(
            try await platform.store.write { connection in
                try ProviderGates.open(provider, at: now, connection)
                return try json(provider, platform, connection)
            })
    }

    @Sendable private static func set(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let provider = try context.providers.provider(request.string("name") ?? "")
        let (body, actor, platform) = (request.body, request.caller.actor, context.platform)
        let texts = { @Sendable (name: String) in (body[name]?.objectValue ?? [:]).compactMapValues(\.stringValue) }
        for (field, isSecret) in [("values", false), ("secrets", true)] {
            for key in texts(field).keys
            where !provider.fields.contains(where: { $0.key == key && ($0.kind == .secret) == isSecret }) {
                throw ProviderError.badField("\(field).\(key)")
            }
        }
        let saved = try await platform.store.write { connection -> JSONValue in
            let before = try ProviderAccount.load(provider, connection)
            try ProviderAccount.save(
                ProviderAccount.Draft(
                    isEnabled: body["enabled"]?.boolValue ?? false,
                    baseURL: body["base_url"]?.stringValue ?? before.baseURL, values: texts("values"),
                    secrets: texts("secrets"), perSecond: body["per_second"]?.intValue ?? before.perSecond,
                    priceMicro: body["price_micro"]?.intValue ?? before.priceMicro), of: provider, by: actor,
                platform.seal, platform.effects, connection)
            return try json(provider, platform, connection)
        }
        return APIResponse(saved)
    }

    @Sendable private static func check(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (provider, account, line) = try await context.providers.line(
            request.string("name") ?? "", context.platform)
        guard account.isComplete(provider) else { throw ProviderError.notSetUp }
        let found = try await provider.check(line)
        let facts = Dictionary(found.facts.map { ($0.key, JSONValue.string($0.value)) }) { _, last in last }
        return APIResponse(["facts": .object(facts)])
    }

    @Sendable private static func trial(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let text = { (name: String) in body[name]?.stringValue ?? "" }
        let values = (body["parameters"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
        let trial = ProviderTrial(
            to: text("to"), code: text("template"), language: text("language"), signature: text("signature"),
            parameters: values.sorted { $0.key < $1.key }.map {
                ProviderTemplate.Parameter(name: $0.key, value: $0.value)
            }, title: text("title"), text: text("text"))
        let outcome = try await trial.send(
            by: request.string("name") ?? "", context.providers, context.platform)
        let (word, detail): (String, String) =
            switch outcome {
            case .sent(let id, _, _): ("sent", id)
            case .delivered: ("delivered", "")
            case .retry(_, let detail, _): ("retry", detail)
            case .bounced(_, let detail, _): ("refused", detail)
            case .closed(_, let detail, _): ("closed", detail)
            case .unknown(let detail): ("unknown", detail)
            }
        return APIResponse(["outcome": .string(word), "detail": .string(detail)])
    }

    @Sendable private static func templates(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let name = try context.providers.provider(request.string("name") ?? "").name
        let found = try await context.platform.store.read { try ApprovedTemplates.list(name, $0) }
        return APIResponse(["items": .array(found.map(json))])
    }

    @Sendable private static func fetch(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let name = try context.providers.provider(request.string("name") ?? "").name
        _ = try await ApprovedTemplates.fetch(name, by: request.caller.actor, context.providers, context.platform)
        return try await templates(request, context)
    }

    @Sendable private static func submit(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let text = { (name: String) in body[name]?.stringValue ?? "" }
        let draft = ProviderTemplateDraft(
            name: text("name"), text: text("text"), category: text("category"), language: text("language"),
            remark: text("remark"), examples: (body["examples"]?.arrayValue ?? []).compactMap(\.stringValue),
            header: text("header"), headerExample: text("header_example"), buttonLabel: text("button_label"),
            buttonURL: text("button_url"), buttonExample: text("button_example"))
        try draft.validate()
        let (provider, account, line) = try await context.providers.line(
            request.string("name") ?? "", context.platform)
        guard account.isComplete(provider) else { throw ProviderError.notSetUp }
        guard provider.needsExamples || !draft.hasParts else { throw ProviderError.notOffered }
        try await provider.submit(draft, line)
        return APIResponse([:])
    }

    private static func json(
        _ provider: any MessageProvider, _ platform: Platform, _ connection: any SQLConnection
    ) throws -> JSONValue {
        let account = try ProviderAccount.load(provider, connection)
        let gates = try ProviderGates.load(provider, at: platform.effects.now(), connection)
        let key = try account.opened(provider, platform.seal).receiptKey
        let kept = provider.fields.filter { $0.kind == .secret && account.hasSecret($0.key) }.map(\.key)
        return [
            "name": .string(provider.name), "channel": .string(provider.channel), "enabled": .bool(account.isEnabled),
            "complete": .bool(account.isComplete(provider)), "base_url": .string(account.baseURL),
            "values": .object(account.values.mapValues { .string($0) }),
            "secrets": .array(kept.map { .string($0) }), "per_second": .integer(account.perSecond),
            "price_micro": .integer(account.priceMicro),
            "receipts_path": .string(key.isEmpty ? "" : "/receipts/\(provider.name)/\(key)"),
            "closed": .array(
                gates.map {
                    [
                        "scope": .string($0.scope), "until": JSONValue($0.closedUntil), "detail": .string($0.detail),
                    ]
                }),
        ]
    }

    private static func json(_ template: ApprovedTemplate) -> JSONValue {
        [
            "kind": .string(template.kind.rawValue), "code": .string(template.code),
            "language": .string(template.language), "name": .string(template.name), "text": .string(template.text),
            "status": .string(template.status.rawValue), "detail": .string(template.detail),
            "category": .string(template.category),
            "parameters": .array(template.parameters.map { .string($0) }),
        ]
    }
}
