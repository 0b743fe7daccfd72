import Engine
import Storage

/// Segments that are kept up to date at a webhook: the whole list in pages, then who enters and who leaves.
enum SegmentPushEndpoints {
    private static let tag = "Segments"
    private static let push = APISchema.named(
        "SegmentPush",
        .object([
            APIField("webhook_id", .id), APIField("segment_id", .id),
            APIField("job_id", .id, "Writes the list; its progress stands at /api/v1/jobs/{id}."),
            APIField("created_at", .timestamp),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/segments/{id}/pushes", "listSegmentPushes", tag: tag,
            "The webhooks at which a segment is kept up to date.", access: .scope(.webhooksRead),
            parameters: [.path("id")], response: .object([APIField("items", .array(push))]), handler: list),
        APIRoute(
            .post, "/api/v1/segments/{id}/pushes", "pushSegment", tag: tag,
            "Send the people of a segment to a webhook, and from then on who enters and who leaves.",
            access: .scopes(.webhooksWrite, .profilesRead), parameters: [.path("id")],
            body: .json(.object([APIField("webhook_id", .id)])), status: .accepted, response: push, handler: begin),
        APIRoute(
            .delete, "/api/v1/segments/{id}/pushes/{webhook_id}", "endSegmentPush", tag: tag,
            "Keep a segment up to date there no more.", access: .scope(.webhooksWrite),
            parameters: [.path("id"), .path("webhook_id")], response: .object([]), handler: end),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let found = try await context.platform.store.read { connection in
            _ = try Segments.get(id, connection)
            return try WebhookPushes.list(segment: id, connection)
        }
        return APIResponse(["items": .array(found.map(json))])
    }

    @Sendable private static func begin(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let endpoint = request.body["webhook_id"]?.stringValue.flatMap { Int64($0) } ?? 0
        return APIResponse(
            json(
                try await context.platform.store.write {
                    try WebhookPushes.begin(id, to: endpoint, by: actor, effects, $0)
                }))
    }

    @Sendable private static func end(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, endpoint, actor) = (try request.id("id"), try request.id("webhook_id"), request.caller.actor)
        let now = context.platform.effects.now()
        try await context.platform.store.write { try WebhookPushes.end(id, at: endpoint, by: actor, $0, at: now) }
        return APIResponse([:])
    }

    private static func json(_ push: WebhookPush) -> JSONValue {
        [
            "webhook_id": JSONValue(id: push.endpointID), "segment_id": JSONValue(id: push.segmentID),
            "job_id": JSONValue(id: push.jobID), "created_at": JSONValue(push.createdAt),
        ]
    }
}
