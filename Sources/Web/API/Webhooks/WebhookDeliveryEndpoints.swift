import Engine
import Storage

/// What a webhook was told: each message with how its last attempt went, and sending again.
enum WebhookDeliveryEndpoints {
    private static let tag = WebhookEndpoints.tag
    private static let statuses = WebhookDelivery.Status.allCases.map(\.rawValue)

    private static let delivery = APISchema.named(
        "WebhookDelivery",
        .object([
            APIField("id", .id), APIField("message_id", .string(), "`webhook-id`, the same at every attempt."),
            APIField("sequence", .integer(), "Rises by one with each message of the webhook."),
            APIField("event", .string()), APIField("body", .string(), "The text that is signed."),
            APIField("status", .words(statuses)), APIField("attempts", .integer()),
            APIField("next_attempt_at", .nullable(.timestamp)),
            APIField("answer_status", .nullable(.integer()), "Of the last attempt; null when no answer came."),
            APIField("answer", .string(), "Its beginning."),
            APIField("problem", .nullable(.string()), "What went wrong at the last attempt."),
            APIField("took_ms", .integer()), APIField("created_at", .timestamp),
            APIField("attempted_at", .nullable(.timestamp)),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/webhooks/{id}/deliveries", "listWebhookDeliveries", tag: tag,
            "Messages of a webhook, the newest first.", access: .scope(.webhooksRead),
            parameters: [.path("id"), .query("status", .words(statuses))] + APIParameter.paging,
            response: .page(of: delivery), handler: list),
        APIRoute(
            .post, "/api/v1/webhooks/{id}/pings", "pingWebhook", tag: tag, "Send a test message.",
            access: .scope(.webhooksWrite), parameters: [.path("id")], status: .accepted, response: delivery,
            handler: ping),
        APIRoute(
            .get, "/api/v1/webhooks/{id}/deliveries/{delivery_id}", "getWebhookDelivery", tag: tag, "One message.",
            access: .scope(.webhooksRead), parameters: [.path("id"), .path("delivery_id")], response: delivery,
            handler: get),
        APIRoute(
            .post, "/api/v1/webhooks/{id}/deliveries/{delivery_id}/replays", "replayWebhookDelivery", tag: tag,
            "Send a message again, under its id and with its text.", access: .scope(.webhooksWrite),
            parameters: [.path("id"), .path("delivery_id")], status: .accepted, response: delivery, handler: replay),
        APIRoute(
            .post, "/api/v1/webhooks/{id}/replays", "replayWebhook", tag: tag,
            "Send the dead messages that were made since a moment again, at most \(WebhookLimits.replayed).",
            access: .scope(.webhooksWrite), parameters: [.path("id")],
            body: .json(.object([APIField("since", .timestamp)])), status: .accepted,
            response: .object([APIField("messages", .integer())]), handler: replayAll),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, before) = (try request.id("id"), try request.cursorID())
        let limit = min(request.limit, WebhookLimits.pageRows)
        let status = request.string("status").flatMap(WebhookDelivery.Status.init(rawValue:))
        let found = try await context.platform.store.read { connection in
            _ = try Webhooks.get(id, connection)
            return try WebhookOutbox.list(id, status: status, before: before, limit: limit + 1, connection)
        }
        let page = Array(found.prefix(limit))
        let next = found.count > limit ? page.last.map { JSONValue.integer($0.sequence) } : nil
        return APIResponse(page: page, next: next, json)
    }

    @Sendable private static func ping(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        return APIResponse(
            json(try await context.platform.store.write { try WebhookOutbox.ping(id, by: actor, effects, $0) }))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, delivery) = (try request.id("id"), try request.id("delivery_id"))
        return APIResponse(
            json(try await context.platform.store.read { try WebhookOutbox.get(delivery, of: id, $0) }))
    }

    @Sendable private static func replay(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, delivery, actor) = (try request.id("id"), try request.id("delivery_id"), request.caller.actor)
        let now = context.platform.effects.now()
        return APIResponse(
            json(
                try await context.platform.store.write {
                    try WebhookOutbox.replay(delivery, of: id, by: actor, $0, at: now)
                }))
    }

    @Sendable private static func replayAll(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        guard let since = request.body["since"]?.stringValue.flatMap({ Timestamp(iso8601: $0) }) else {
            throw Problem(.unprocessableContent, "bad_time", "“since” is no time like 2026-01-31T08:00:00Z.")
        }
        let count = try await context.platform.store.write {
            try WebhookOutbox.replayDead(id, since: since, by: actor, $0, at: now)
        }
        return APIResponse(["messages": .integer(Int64(count))])
    }

    private static func json(_ delivery: WebhookDelivery) -> JSONValue {
        let hasAnswer = delivery.answerStatus > 0
        return [
            "id": JSONValue(id: delivery.id), "message_id": .string(delivery.messageID),
            "sequence": .integer(delivery.sequence), "event": .string(delivery.event), "body": .string(delivery.body),
            "status": .string(delivery.status.rawValue), "attempts": .integer(delivery.attempts),
            "next_attempt_at": JSONValue(delivery.status == .waiting ? delivery.due : nil),
            "answer_status": JSONValue(hasAnswer ? delivery.answerStatus : nil), "answer": .string(delivery.answer),
            "problem": JSONValue(delivery.problem.isEmpty ? nil : delivery.problem),
            "took_ms": .integer(delivery.tookMilliseconds), "created_at": JSONValue(delivery.createdAt),
            "attempted_at": JSONValue(delivery.attemptedAt),
        ]
    }
}
