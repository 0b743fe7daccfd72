import Engine

/// Identities that were unlinked from people on purpose, and linking them again.
enum UnlinkEndpoints {
    private static let tag = "Merges"

    private static let unlink = APISchema.named(
        "Unlink",
        .object([
            APIField("id", .id), APIField("profile_id", .id), APIField("kind", .string()), APIField("value", .string()),
            APIField("at", .timestamp),
            APIField("evidence", .string(), "The place in the event log that asked for it."),
            APIField("undone_at", .nullable(.timestamp)),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/profiles/{id}/unlinks", "listProfileUnlinks", tag: tag,
            "The identities that were unlinked from one person, newest first.", access: .scope(.profilesRead),
            parameters: [.path("id")], response: .object([APIField("items", .array(unlink))]), handler: ofProfile),
        APIRoute(
            .post, "/api/v1/unlinks/{id}/undo", "undoUnlink", tag: tag,
            "Link an identity again to the person it was taken from.", access: .scope(.profilesWrite),
            parameters: [.path("id")], response: .object([APIField("id", .id), APIField("undone", .boolean)]),
            handler: undo),
    ]

    @Sendable private static func ofProfile(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let records = try await context.platform.store.read { try UnlinkRecord.list(of: id, $0) }
        return APIResponse(["items": .array(records.map(json))])
    }

    @Sendable private static func undo(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let now = effects.now()
        try await context.platform.store.write { connection in
            let event = try Relink.undo(id, at: now, connection)
            try AuditLog.append(
                actor: actor, action: "unlink.undo", subject: "unlink:\(id)", detail: "", connection, at: now)
            try PersonRefill.enqueue([event.profileID], effects: effects, connection)
            try SystemEventLog.append([event], now: now, effects: effects, to: connection)
        }
        return APIResponse(["id": JSONValue(id: id), "undone": true])
    }

    private static func json(_ record: UnlinkRecord) -> JSONValue {
        [
            "id": JSONValue(id: record.id), "profile_id": JSONValue(id: record.profileID),
            "kind": .string(record.key.kind), "value": .string(record.key.value),
            "at": JSONValue(milliseconds: record.atMS), "evidence": .string(String(record.evidence)),
            "undone_at": JSONValue(milliseconds: record.undoneMS),
        ]
    }
}
