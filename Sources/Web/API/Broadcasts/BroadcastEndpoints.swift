import Engine
import Storage

/// One template to the people of a segment.
enum BroadcastEndpoints {
    private static let tag = "Broadcasts"
    private static let counts = APISchema.map(.integer())

    private static let fields: [APIField] = [
        APIField("id", .id), APIField("name", .string()), APIField("segment_id", .id), APIField("template_id", .id),
        APIField("status", .words(Broadcast.Status.allCases.map(\.rawValue))),
        APIField("starts_at", .nullable(.timestamp), "Null: at once."),
        APIField("per_minute", .integer(), "0: as fast as the channel goes."),
        APIField("priority", .integer()), APIField("timing", .words(MessageChoices.Timing.allCases.map(\.rawValue))),
        APIField("fallbacks", .nullable(.array(.id)), "Null: those of the template."),
        APIField("holdout_permille", .integer()), APIField("planned", .integer()), APIField("held_out", .integer()),
        APIField("created_at", .timestamp), APIField("started_at", .nullable(.timestamp)),
        APIField("stopped_at", .nullable(.timestamp)),
    ]
    private static let broadcast = APISchema.named("Broadcast", .object(fields))
    private static let report = APISchema.named(
        "BroadcastReport",
        .object([
            APIField("planned", .integer()), APIField("eligible", .integer()), APIField("sent", .integer()),
            APIField("delivered", .integer()), APIField("opened", .integer()), APIField("clicked", .integer()),
            APIField("scanned", .integer()), APIField("held_out", .integer()),
            APIField("suppressed", counts, "By reason."), APIField("states", counts, "Messages in each state."),
        ]))
    private static let draft = APISchema.object(
        [
            APIField("name", .string(min: 1, max: BroadcastLimits.nameCharacters)), APIField("segment_id", .id),
            APIField("template_id", .id), .optional("starts_at", .nullable(.timestamp)),
            .optional("per_minute", .integer(0...BroadcastLimits.perMinute)),
            .optional("holdout_permille", .integer(0...BroadcastLimits.holdoutPermille)),
        ] + MessageChoiceFields.asked)

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/broadcasts", "listBroadcasts", tag: tag, "Broadcasts, the newest first.",
            access: .scope(.messagesRead), parameters: APIParameter.paging, response: .page(of: broadcast),
            handler: list),
        APIRoute(
            .post, "/api/v1/broadcasts", "createBroadcast", tag: tag, "A draft; nothing is sent.",
            access: .scope(.messagesWrite), body: .json(draft), status: .created, response: broadcast, handler: create),
        APIRoute(
            .get, "/api/v1/broadcasts/{id}", "getBroadcast", tag: tag, "One broadcast.", access: .scope(.messagesRead),
            parameters: [.path("id")], response: broadcast, handler: get),
        APIRoute(
            .put, "/api/v1/broadcasts/{id}", "updateBroadcast", tag: tag, "Change a draft.",
            access: .scope(.messagesWrite), parameters: [.path("id")], body: .json(draft), response: broadcast,
            handler: update),
        APIRoute(
            .delete, "/api/v1/broadcasts/{id}", "deleteBroadcast", tag: tag, "Delete a draft.",
            access: .scope(.messagesWrite), parameters: [.path("id")], response: .object([]), handler: delete),
        APIRoute(
            .post, "/api/v1/broadcasts/{id}/starts", "startBroadcast", tag: tag,
            "Start it at its time, or ask a second user to approve it.", access: .scope(.messagesWrite),
            parameters: [.path("id")], status: .accepted, response: broadcast, handler: start),
        APIRoute(
            .post, "/api/v1/broadcasts/{id}/stops", "stopBroadcast", tag: tag, "Nothing leaves that has not left.",
            access: .scope(.messagesWrite), parameters: [.path("id")], response: broadcast, handler: stop),
        APIRoute(
            .get, "/api/v1/broadcasts/{id}/report", "getBroadcastReport", tag: tag,
            "How many came how far, and who was left out why.", access: .scope(.messagesRead),
            parameters: [.path("id")], response: report, handler: getReport),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID(), request.limit)
        let found = try await context.platform.store.read {
            try Broadcasts.list(before: before, limit: limit + 1, $0)
        }
        let page = Array(found.prefix(limit))
        let next = found.count > limit ? page.last.map { JSONValue.integer($0.id) } : nil
        return APIResponse(page: page, next: next, json)
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (draft, actor, effects) = (draft(request.body), request.caller.actor, context.platform.effects)
        return APIResponse(
            json(try await context.platform.store.write { try Broadcasts.create(draft, by: actor, effects, $0) }))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try Broadcasts.get(id, $0) }))
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, draft, actor) = (try request.id("id"), draft(request.body), request.caller.actor)
        let now = context.platform.effects.now()
        return APIResponse(
            json(try await context.platform.store.write { try Broadcasts.update(id, draft, by: actor, at: now, $0) }))
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { try Broadcasts.delete(id, by: actor, at: now, $0) }
        return APIResponse([:])
    }

    @Sendable private static func start(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        return APIResponse(
            json(try await context.platform.store.write { try Broadcasts.start(id, by: actor, effects, $0) }))
    }

    @Sendable private static func stop(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        APIResponse(
            json(try await Broadcasts.stop(try request.id("id"), by: request.caller.actor, context.platform)))
    }

    @Sendable private static func getReport(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (broadcast, report) = try await context.platform.store.read { connection in
            var filter = MessageList.Filter()
            (filter.origin, filter.originID) = ("broadcast", id)
            return (try Broadcasts.get(id, connection), try MessageList.report(filter, connection))
        }
        let states = Dictionary(report.states.map { ($0.key.rawValue, JSONValue.integer($0.value)) }) { a, _ in a }
        return APIResponse([
            "planned": .integer(report.planned), "eligible": .integer(report.eligible), "sent": .integer(report.sent),
            "delivered": .integer(report.delivered), "opened": .integer(report.opened),
            "clicked": .integer(report.clicked), "scanned": .integer(report.scanned),
            "held_out": .integer(broadcast.heldOut),
            "suppressed": .object(report.suppressed.mapValues { .integer($0) }), "states": .object(states),
        ])
    }

    private static func draft(_ body: JSONValue) -> Broadcast.Draft {
        let id = { (name: String) in body[name]?.stringValue.flatMap { Int64($0) } ?? 0 }
        return Broadcast.Draft(
            name: body["name"]?.stringValue ?? "", segmentID: id("segment_id"), templateID: id("template_id"),
            starts: body["starts_at"]?.stringValue.flatMap { Timestamp(iso8601: $0) },
            perMinute: body["per_minute"]?.intValue ?? 0, holdoutPermille: body["holdout_permille"]?.intValue ?? 0,
            choices: MessageChoiceFields.read(body))
    }

    private static func json(_ broadcast: Broadcast) -> JSONValue {
        [
            "id": JSONValue(id: broadcast.id), "name": .string(broadcast.name),
            "segment_id": JSONValue(id: broadcast.segmentID), "template_id": JSONValue(id: broadcast.templateID),
            "status": .string(broadcast.status.rawValue),
            "starts_at": JSONValue(broadcast.starts.milliseconds > 0 ? broadcast.starts : nil),
            "priority": .integer(broadcast.choices.priority),
            "timing": .string(broadcast.choices.timing.rawValue),
            "fallbacks": broadcast.choices.fallbacks.map { .array($0.map { JSONValue(id: $0) }) } ?? .null,
            "per_minute": .integer(broadcast.perMinute), "holdout_permille": .integer(broadcast.holdoutPermille),
            "planned": .integer(broadcast.planned), "held_out": .integer(broadcast.heldOut),
            "created_at": JSONValue(broadcast.createdAt), "started_at": JSONValue(broadcast.startedAt),
            "stopped_at": JSONValue(broadcast.stoppedAt),
        ]
    }
}
