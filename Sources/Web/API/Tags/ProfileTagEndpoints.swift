import Engine
import Storage

/// The tags of one person, and what happened to them.
enum ProfileTagEndpoints {
    private static let held = APISchema.object([
        APIField("tag_id", .id), APIField("path", .string()), APIField("colour", .string()),
        APIField("kind", .words(TagKind.allCases.map(\.rawValue))), APIField("since", .timestamp),
    ])
    private static let change = APISchema.object([
        APIField("tag_id", .id), APIField("tag", .string(), "The name, also of a tag that is gone."),
        APIField("change", .words(["given", "taken"])), APIField("at", .timestamp),
        APIField("cause", .words(TagCause.Kind.allCases.map(\.rawValue))),
        APIField("detail", .string(), "Who or what: a user, a key, a source, the id of another tag or person."),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/profiles/{id}/tags", "listProfileTags", tag: "Tags", "The tags of one person.",
            access: .scope(.segmentsRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(held))]), handler: list),
        APIRoute(
            .get, "/api/v1/profiles/{id}/tag-changes", "listProfileTagChanges", tag: "Tags",
            "What was given to a person and taken, newest first, and why.", access: .scope(.segmentsRead),
            parameters: [.path("id")] + APIParameter.paging, response: .page(of: change), handler: changes),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let held = try await context.platform.store.read { connection in
            try Tags.of(ProfileDetail.resolve(id, connection), connection)
        }
        return APIResponse([
            "items": .array(
                held.map { entry in
                    [
                        "tag_id": JSONValue(id: entry.tag.id), "path": .string(entry.path),
                        "colour": .string(entry.tag.colour.rawValue), "kind": .string(entry.tag.kind.rawValue),
                        "since": JSONValue(milliseconds: entry.sinceMS),
                    ]
                })
        ])
    }

    @Sendable private static func changes(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, before, limit) = (try request.id("id"), try request.cursorID(), request.limit)
        let changes = try await context.platform.store.read {
            try Tags.changes(of: id, before: before, limit: limit + 1, $0)
        }
        let page = Array(changes.prefix(limit))
        return APIResponse(page: page, next: changes.count > limit ? page.last.map { .integer($0.id) } : nil) {
            change in
            [
                "tag_id": JSONValue(id: change.tagID), "tag": .string(change.name),
                "change": .string(change.isGiven ? "given" : "taken"), "at": JSONValue(milliseconds: change.atMS),
                "cause": .string(change.cause.kind.rawValue), "detail": .string(change.cause.detail),
            ]
        }
    }
}
