import Engine
import Storage

/// Addresses that are told what happens.
enum WebhookEndpoints {
    static let tag = "Webhooks"
    private static let statuses = WebhookEndpoint.Status.allCases.map(\.rawValue)

    private static let fields: [APIField] = [
        APIField("id", .id), APIField("url", .string()), APIField("description", .string()),
        APIField("events", .array(.string()), "Names of system events."),
        APIField("segments", .array(.id), "What Segment Entered and Segment Left are narrowed to; empty: all."),
        APIField("status", .words(statuses)),
        APIField(
            "reason", .nullable(.words(WebhookEndpoint.Reason.allCases.map(\.rawValue))), "Why it is paused."),
        APIField("paused_at", .nullable(.timestamp), "What happens from then on is not told."),
        APIField("sequence", .integer(), "The number of the last message."),
        APIField("failing_since", .nullable(.timestamp), "Since when nothing has been accepted."),
        APIField("old_secret_until", .nullable(.timestamp), "Until when the secret before signs too."),
        APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
    ]
    private static let endpoint = APISchema.named("Webhook", .object(fields))
    private static let withSecret = APISchema.object(
        fields + [APIField("secret", .string(), "Shown only here: `whsec_` and the key in Base64.")])

    private static let draft = APISchema.object([
        APIField("url", .string(min: 1, max: WebhookLimits.urlCharacters)),
        .optional("description", .string(max: WebhookLimits.descriptionCharacters)),
        APIField("events", .array(.string(min: 1, max: 64), count: 0...64), "Names of system events."),
        .optional("segments", .array(.id, count: 0...WebhookLimits.segments)),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/webhooks", "listWebhooks", tag: tag, "All webhooks, the oldest first.",
            access: .scope(.webhooksRead), response: .object([APIField("items", .array(endpoint))]), handler: list),
        APIRoute(
            .post, "/api/v1/webhooks", "createWebhook", tag: tag,
            "Add an address that is told what happens from now on.", access: .scope(.webhooksWrite),
            body: .json(draft), status: .created, response: withSecret, isSecret: true, handler: create),
        APIRoute(
            .get, "/api/v1/webhooks/{id}", "getWebhook", tag: tag, "One webhook.", access: .scope(.webhooksRead),
            parameters: [.path("id")], response: endpoint, handler: get),
        APIRoute(
            .put, "/api/v1/webhooks/{id}", "updateWebhook", tag: tag,
            "Change address, events and segments. While segments are pushed there, another address needs profiles:read too.",
            access: .scope(.webhooksWrite), parameters: [.path("id")], body: .json(draft), response: endpoint,
            handler: update),
        APIRoute(
            .delete, "/api/v1/webhooks/{id}", "deleteWebhook", tag: tag, "Delete a webhook with its messages.",
            access: .scope(.webhooksWrite), parameters: [.path("id")], response: .object([]), handler: delete),
        APIRoute(
            .put, "/api/v1/webhooks/{id}/status", "setWebhookStatus", tag: tag,
            "Pause, or go on: what waits is sent, and lists that are kept up to date are sent anew.",
            access: .scope(.webhooksWrite), parameters: [.path("id")],
            body: .json(.object([APIField("status", .words(statuses))])), response: endpoint, handler: setStatus),
        APIRoute(
            .post, "/api/v1/webhooks/{id}/secrets", "rotateWebhookSecret", tag: tag,
            "A new secret; the one before signs too for \(WebhookLimits.graceHours) hours.",
            access: .scope(.webhooksWrite), parameters: [.path("id")], status: .created, response: withSecret,
            isSecret: true, handler: rotate),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let found = try await context.platform.store.read { try Webhooks.list($0) }
        return APIResponse(["items": .array(found.map { json($0) })])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (draft, actor, platform) = (try draft(request.body), request.caller.actor, context.platform)
        let made = try await platform.store.write {
            try Webhooks.create(draft, by: actor, platform.seal, platform.effects, $0)
        }
        return APIResponse(json(made.endpoint, secret: made.secret))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try Webhooks.get(id, $0) }))
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, draft, actor) = (try request.id("id"), try draft(request.body), request.caller.actor)
        let now = context.platform.effects.now()
        let mayRead = request.caller.has(.profilesRead)
        return APIResponse(
            json(
                try await context.platform.store.write { connection in
                    // Another address is sent the people of segments from then on: as much as a push begun there.
                    if !mayRead, try Webhooks.get(id, connection).url != draft.url,
                        try !WebhookPushes.list(endpoint: id, connection).isEmpty
                    {
                        throw APIAuthentication.missing(.profilesRead)
                    }
                    return try Webhooks.update(id, draft, by: actor, connection, at: now)
                }))
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        try await context.platform.store.write { try Webhooks.delete(id, by: actor, effects, $0) }
        return APIResponse([:])
    }

    @Sendable private static func setStatus(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let isPaused = request.body["status"]?.stringValue == WebhookEndpoint.Status.paused.rawValue
        return APIResponse(
            json(
                try await context.platform.store.write {
                    isPaused
                        ? try Webhooks.pause(id, by: actor, $0, at: effects.now())
                        : try Webhooks.resume(id, by: actor, effects, $0)
                }))
    }

    @Sendable private static func rotate(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, platform) = (try request.id("id"), request.caller.actor, context.platform)
        let made = try await platform.store.write {
            try Webhooks.rotate(id, by: actor, platform.seal, platform.effects, $0)
        }
        return APIResponse(json(made.endpoint, secret: made.secret))
    }

    private static func draft(_ body: JSONValue) throws -> WebhookEndpoint.Draft {
        let texts = { (name: String) in (body[name]?.arrayValue ?? []).compactMap(\.stringValue) }
        return WebhookEndpoint.Draft(
            url: body["url"]?.stringValue ?? "", description: body["description"]?.stringValue ?? "",
            events: texts("events"), segments: texts("segments").compactMap { Int64($0) })
    }

    private static func json(_ endpoint: WebhookEndpoint, secret: String? = nil) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": JSONValue(id: endpoint.id), "url": .string(endpoint.url),
            "description": .string(endpoint.description), "events": .array(endpoint.events.map { .string($0) }),
            "segments": .array(endpoint.segments.map { JSONValue(id: $0) }),
            "status": .string(endpoint.status.rawValue), "reason": JSONValue(endpoint.reason?.rawValue),
            "paused_at": JSONValue(endpoint.pausedAt), "sequence": .integer(endpoint.sequence),
            "failing_since": JSONValue(endpoint.failingSince),
            "old_secret_until": JSONValue(endpoint.oldSecretUntil), "created_at": JSONValue(endpoint.createdAt),
            "updated_at": JSONValue(endpoint.updatedAt),
        ]
        if let secret { members["secret"] = .string(secret) }
        return .object(members)
    }
}
