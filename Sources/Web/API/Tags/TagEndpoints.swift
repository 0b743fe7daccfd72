import Engine
import Storage

/// Tags: the tree, their people, and what happened to the tags of one person.
enum TagEndpoints {
    private static let tag = "Tags"
    private static let kinds = TagKind.allCases.map(\.rawValue)
    private static let colours = TagColour.allCases.map(\.rawValue)
    private static let criteria = APISchema.object([
        .optional("version", .integer(1...1)),
        APIField("where", .object([], isOpen: true), "A tree of conditions; see docs/criteria.md."),
    ])
    private static let one = APISchema.named(
        "Tag",
        .object([
            APIField("id", .id), APIField("parent_id", .nullable(.id)), APIField("name", .string()),
            APIField("path", .string(), "From the first level, with strokes."), APIField("description", .string()),
            APIField("colour", .words(colours)), APIField("kind", .words(kinds)),
            APIField("criteria", .nullable(criteria)),
            APIField("words", .string(), "The rule in the workspace's language."),
            APIField("exclusive", .boolean, "A person has at most one of its children."),
            APIField("rank", .integer(), "Place among its siblings; of exclusive rules the first holds."),
            APIField("version", .integer()), APIField("building", .boolean, "It is being filled."),
            APIField("size", .integer(), "As last counted."), APIField("created_at", .timestamp),
            APIField("updated_at", .timestamp), APIField("swept_at", .nullable(.timestamp)),
            APIField("revision", .string(), "Of what people change, for `If-Match`."),
        ]))
    private static let draft = APISchema.object([
        APIField("name", .string(min: 1, max: Int(Tags.nameCharacters))), .optional("description", .string(max: 500)),
        .optional("parent_id", .nullable(.id)), .optional("colour", .words(colours)),
        .optional("kind", .words(kinds), "manual unless told."),
        .optional("criteria", criteria, "Of a rule."), .optional("exclusive", .boolean),
        .optional("rank", .integer(0...1_000_000)),
    ])
    private static let use = APISchema.object([
        APIField("kind", .string()), APIField("id", .string()), APIField("name", .string()),
    ])
    private static let holder = APISchema.object([APIField("profile_id", .id), APIField("since", .timestamp)])
    private static let changed = APISchema.object([APIField("changed", .integer())])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/tags", "listTags", tag: tag, "All tags, parents before their children.",
            access: .scope(.segmentsRead), response: .object([APIField("items", .array(one))]), handler: list),
        APIRoute(
            .post, "/api/v1/tags", "createTag", tag: tag, "Add a tag; the people of a rule follow in the background.",
            access: .scope(.segmentsWrite), body: .json(draft), status: .created, response: one, handler: create),
        APIRoute(
            .get, "/api/v1/tags/{id}", "getTag", tag: tag, "One tag.", access: .scope(.segmentsRead),
            parameters: [.path("id")], response: one, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/tags/{id}", "updateTag", tag: tag,
            "Rename, move, colour, and of a rule change the definition.",
            access: .scope(.segmentsWrite), parameters: [.path("id")], body: .json(draft), response: one,
            isRevised: true, handler: update),
        APIRoute(
            .delete, "/api/v1/tags/{id}", "deleteTag", tag: tag, "Delete a tag that no definition asks for.",
            access: .scope(.segmentsWrite), parameters: [.path("id")], response: .object([]),
            isRevised: true, handler: delete),
        APIRoute(
            .post, "/api/v1/tags/{id}/merge", "mergeTag", tag: tag,
            "Give everybody who has the tag another one instead, in the background; it then stands for the other.",
            access: .scope(.segmentsWrite), parameters: [.path("id")],
            body: .json(.object([APIField("into", .id)])), response: one, handler: merge),
        APIRoute(
            .get, "/api/v1/tags/{id}/uses", "listTagUses", tag: tag, "Definitions that ask for the tag.",
            access: .scope(.segmentsRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(use))]), handler: uses),
        APIRoute(
            .get, "/api/v1/tags/{id}/holders", "listTagHolders", tag: tag, "Who has the tag, by id.",
            access: .scope(.segmentsRead), parameters: [.path("id")] + APIParameter.paging,
            response: .page(of: holder), handler: holders),
        APIRoute(
            .post, "/api/v1/tags/{id}/holders", "giveTag", tag: tag, "Give people a manual tag.",
            access: .scope(.segmentsWrite), parameters: [.path("id")],
            body: .json(.object([APIField("profile_ids", .array(.id, count: 1...Tags.requestLimit))])),
            response: changed, handler: give),
        APIRoute(
            .delete, "/api/v1/tags/{id}/holders/{profile_id}", "takeTag", tag: tag, "Take a manual tag from a person.",
            access: .scope(.segmentsWrite), parameters: [.path("id"), .path("profile_id")], response: changed,
            handler: take),
        APIRoute(
            .post, "/api/v1/tags/{id}/segments", "tagSegment", tag: tag,
            "Give everybody in a segment the tag, or take it from them, in the background.",
            access: .scope(.segmentsWrite), parameters: [.path("id")],
            body: .json(.object([APIField("segment_id", .id), .optional("take", .boolean)])), status: .accepted,
            response: .object([APIField("job_id", .id)]), handler: bulk),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (tags, world) = try await context.platform.store.read {
            (try Tags.list($0).map(\.tag), try Told.load($0))
        }
        return APIResponse(["items": .array(try tags.map { try json($0, world) })])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let draft = draft(request.body)
        return try await change(request, context, "create") { effects, connection in
            try Tags.create(draft, effects: effects, connection)
        }
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body) = (try request.id("id"), request.body)
        return try await change(request, context, "update") { effects, connection in
            let before = try Tags.get(id, connection)
            try request.match(try before.revision)
            var draft = draft(body)
            if body["kind"] == nil { draft.kind = before.kind }
            return try Tags.update(id, draft, effects: effects, connection)
        }
    }

    @Sendable private static func merge(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, other) = (try request.id("id"), Int64(request.body["into"]?.stringValue ?? "") ?? 0)
        return try await change(request, context, "merge") { effects, connection in
            try Tags.merge(id, into: other, effects: effects, connection)
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        try await context.platform.store.write { connection in
            let tag = try Tags.get(id, connection)
            try request.match(try tag.revision)
            try Tags.delete(id, effects: effects, connection)
            try note("delete", tag, actor, effects.now(), connection)
        }
        return APIResponse([:])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (tag, world) = try await context.platform.store.read { (try Tags.get(id, $0), try Told.load($0)) }
        return APIResponse(try json(tag, world), at: try tag.revision)
    }

    @Sendable private static func uses(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let uses = try await context.platform.store.read { connection in
            _ = try Tags.get(id, connection)
            return try Tags.usedBy(id, connection)
        }
        return APIResponse([
            "items": .array(
                uses.map { ["kind": .string($0.kind), "id": .string($0.id), "name": .string($0.name)] })
        ])
    }

    @Sendable private static func holders(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, after, limit) = (try request.id("id"), try request.cursorID() ?? 0, request.limit)
        let holders = try await context.platform.store.read { connection in
            _ = try Tags.get(id, connection)
            return try Tags.holders(id, after: after, limit: limit + 1, connection)
        }
        let page = Array(holders.prefix(limit))
        return APIResponse(
            page: page, next: holders.count > limit ? page.last.map { .integer($0.profileID) } : nil
        ) { ["profile_id": JSONValue(id: $0.profileID), "since": JSONValue(milliseconds: $0.sinceMS)] }
    }

    @Sendable private static func give(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        let ids = (request.body["profile_ids"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { Int64($0) } }
        let changed = try await context.platform.store.write {
            try Tags.give(id, to: ids, TagCause(.api, actor), effects: effects, $0)
        }
        return APIResponse(["changed": .integer(Int64(changed))])
    }

    @Sendable private static func take(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        let person = try request.id("profile_id")
        let changed = try await context.platform.store.write {
            try Tags.take(id, from: [person], TagCause(.api, actor), effects: effects, $0)
        }
        return APIResponse(["changed": .integer(Int64(changed))])
    }

    @Sendable private static func bulk(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        let segment = Int64(request.body["segment_id"]?.stringValue ?? "") ?? 0
        let isTaking = request.body["take"]?.boolValue ?? false
        let job = try await context.platform.store.write {
            try TagBulk.enqueue(
                tag: id, segment: segment, isTaking: isTaking, by: actor, effects: effects, $0)
        }
        return APIResponse(["job_id": JSONValue(id: job)])
    }

    private static func change(
        _ request: APIRequest, _ context: APIContext, _ verb: String,
        _ body: @escaping @Sendable (Effects, any SQLConnection) throws -> Tag
    ) async throws -> APIResponse {
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let (tag, world) = try await context.platform.store.write { connection in
            let tag = try body(effects, connection)
            try note(verb, tag, actor, effects.now(), connection)
            return (tag, try Told.load(connection))
        }
        return APIResponse(try json(tag, world), at: try tag.revision)
    }

    private static func note(
        _ verb: String, _ tag: Tag, _ actor: String, _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "tag.\(verb)", subject: "tag:\(tag.id)", detail: tag.name, connection, at: now)
    }

    private static func draft(_ body: JSONValue) -> TagDraft {
        TagDraft(
            name: body["name"]?.stringValue ?? "", description: body["description"]?.stringValue ?? "",
            parentID: body["parent_id"]?.stringValue.flatMap { Int64($0) } ?? 0,
            colour: body["colour"]?.stringValue.flatMap(TagColour.init) ?? .grey,
            kind: body["kind"]?.stringValue.flatMap(TagKind.init) ?? .manual,
            criteria: body["criteria"]?.text() ?? "", isExclusive: body["exclusive"]?.boolValue ?? false,
            rank: body["rank"]?.intValue)
    }

    /// What tags are told with.
    private struct Told: Sendable {
        var tree: TagTree
        var phrases: CriteriaPhrases

        static func load(_ connection: any SQLConnection) throws -> Told {
            let world = try CriteriaWorld.load(connection)
            return Told(
                tree: world.tags,
                phrases: CriteriaPhrases(CriteriaLanguage(try Workspace.load(connection).language), world))
        }
    }

    private static func json(_ tag: Tag, _ told: Told) throws -> JSONValue {
        let criteria = tag.criteriaTree
        return [
            "id": JSONValue(id: tag.id), "parent_id": tag.parentID == 0 ? .null : JSONValue(id: tag.parentID),
            "name": .string(tag.name), "path": .string(told.tree.path(of: tag.id)),
            "description": .string(tag.description), "colour": .string(tag.colour.rawValue),
            "kind": .string(tag.kind.rawValue), "criteria": criteria?.json ?? .null,
            "words": .string(criteria?.words(told.phrases) ?? ""), "exclusive": .bool(tag.isExclusive),
            "rank": .integer(tag.rank), "version": .integer(tag.version), "building": .bool(tag.isBuilding),
            "size": .integer(tag.size), "created_at": JSONValue(milliseconds: tag.createdMS),
            "updated_at": JSONValue(milliseconds: tag.updatedMS), "swept_at": JSONValue(milliseconds: tag.sweptMS),
            "revision": .string(try tag.revision.text),
        ]
    }
}
