import Engine

/// What was set aside: list, look, replay, discard.
enum QuarantineEndpoints {
    private static let tag = "Quarantine"

    private static let fields = [
        APIField("id", .id), APIField("source_id", .string()), APIField("message_id", .nullable(.string())),
        APIField("dialect", .string()), APIField("reason", .words(reasons)), APIField("explanation", .string()),
        APIField("received_at", .timestamp), APIField("status", .words(statuses)),
        APIField("resolved_at", .nullable(.timestamp)),
    ]
    private static let reasons = QuarantineReason.allCases.map(\.rawValue)
    private static let statuses = QuarantineStatus.allCases.map(\.rawValue)
    private static let item = APISchema.named("QuarantinedItem", .object(fields))
    private static let whole = APISchema.named(
        "QuarantinedItemWithBytes",
        .object(
            fields + [
                APIField("raw", .nullable(.string()), "The bytes as received, when they are text."),
                APIField("raw_base64", .string(), "The bytes as received."),
            ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/quarantine", "listQuarantine", tag: tag, "Items that could not become events, newest first.",
            access: .scope(.eventsRead),
            parameters: APIParameter.paging + [
                .query("status", .words(statuses), "waiting unless told"), .query("source_id", .id),
                .query("reason", .words(reasons)),
            ], response: .page(of: item), handler: list),
        APIRoute(
            .get, "/api/v1/quarantine/{id}", "getQuarantinedItem", tag: tag, "One item with its bytes.",
            access: .scope(.eventsRead), parameters: [.path("id")], response: whole, handler: get),
        APIRoute(
            .post, "/api/v1/quarantine/{id}/replay", "replayQuarantinedItem", tag: tag,
            "Read an item again and append what it holds to the log; at most once.", access: .scope(.eventsReplay),
            parameters: [.path("id")],
            body: .json(
                .object([
                    .optional("item", .nullable(.any), "The mended item; without it the bytes are read as they are.")
                ])), response: item, handler: replay),
        APIRoute(
            .post, "/api/v1/quarantine/{id}/discard", "discardQuarantinedItem", tag: tag,
            "Decide that an item is not wanted.",
            access: .scope(.eventsReplay), parameters: [.path("id")], response: item, handler: discard),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let status = QuarantineStatus(rawValue: request.string("status") ?? "") ?? .waiting
        let reason = request.string("reason").flatMap(QuarantineReason.init(rawValue:))
        let source = request.string("source_id").flatMap { Int64($0) }
        let (before, limit) = (try request.cursorID(), request.limit)
        let items = try await context.platform.store.read {
            try QuarantineList.page(
                status: status, sourceID: source, reason: reason, before: before, limit: limit + 1, $0)
        }
        let page = Array(items.prefix(limit))
        let next = items.count > limit ? page.last.map { JSONValue.integer($0.id) } : nil
        return APIResponse(page: page, next: next) { .object(json($0)) }
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let item = try await context.platform.store.read { try QuarantineList.get(id: id, $0) }
        let text = String(validating: item.raw, as: UTF8.self)
        let bytes: [String: JSONValue] = ["raw": JSONValue(text), "raw_base64": .string(Base64.encode(item.raw))]
        return APIResponse(.object(json(item).merging(bytes) { first, _ in first }))
    }

    @Sendable private static func replay(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor) = (try request.id("id"), request.caller.actor)
        try await QuarantineReplay.perform(
            id: id, mended: request.body["item"], by: actor, regions: context.collect.traffic.regions,
            context.platform)
        return try await answer(id, context)
    }

    @Sendable private static func discard(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { try QuarantineList.discard(id: id, by: actor, $0, at: now) }
        return try await answer(id, context)
    }

    private static func answer(_ id: Int64, _ context: APIContext) async throws -> APIResponse {
        APIResponse(.object(json(try await context.platform.store.read { try QuarantineList.get(id: id, $0) })))
    }

    private static func json(_ item: QuarantinedItem) -> [String: JSONValue] {
        [
            "id": JSONValue(id: item.id), "source_id": JSONValue(id: item.sourceID),
            "message_id": JSONValue(item.messageID), "dialect": .string(item.dialect),
            "reason": .string(item.reason.rawValue), "explanation": .string(item.explanation),
            "received_at": JSONValue(item.receivedAt), "status": .string(item.status.rawValue),
            "resolved_at": JSONValue(item.resolvedAt),
        ]
    }
}
