import Engine

/// Views of lists under a name, which the console and programs share. A key sees and makes shared views.
enum ViewEndpoints {
    private static let tag = "Views"
    private static let lists = ListName.withViews.map(\.rawValue)

    private static let view = APISchema.named(
        "View",
        .object([
            APIField("id", .id), APIField("list", .words(lists)), APIField("name", .string()),
            APIField("query", .string(), "The filters as the list's address in the console carries them."),
            APIField("version", .integer(), "Send it with a change; an older one is refused."),
            APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
        ]))
    private static let name = APISchema.string(min: 1, max: SavedViews.nameCharacters)
    private static let query = APISchema.string(max: SavedViews.queryBytes)

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/views", "listViews", tag: tag, "The shared views of a list, by name.",
            access: .scope(.profilesRead), parameters: [.query("list", .words(lists), required: true)],
            response: .object([APIField("items", .array(view))]), handler: list),
        APIRoute(
            .post, "/api/v1/views", "createView", tag: tag, "Keep filters under a name, for everybody.",
            access: .scope(.profilesWrite),
            body: .json(
                .object([APIField("list", .words(lists)), APIField("name", name), APIField("query", query)])),
            status: .created, response: view, handler: create),
        APIRoute(
            .get, "/api/v1/views/{id}", "getView", tag: tag, "One view.", access: .scope(.profilesRead),
            parameters: [.path("id")], response: view, handler: get),
        APIRoute(
            .put, "/api/v1/views/{id}", "updateView", tag: tag,
            "Change a view that is still at this version; 409 when somebody else changed it.",
            access: .scope(.profilesWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("name", name), APIField("query", query), APIField("version", .integer(1...Int64.max)),
                ])),
            response: view, handler: update),
        APIRoute(
            .delete, "/api/v1/views/{id}", "deleteView", tag: tag, "Remove a view that is still at this version.",
            access: .scope(.profilesWrite),
            parameters: [.path("id"), .query("version", .integer(1...Int64.max), required: true)],
            response: .object([APIField("id", .id), APIField("removed", .boolean)]), handler: remove),
    ]

    /// Keys own no views of their own.
    static let owner: Int64 = 0

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let list = request.string("list").flatMap(ListName.init(rawValue:)) ?? .people
        let views = try await context.platform.store.read { try SavedViews.list(list, for: owner, $0) }
        return APIResponse(["items": .array(views.map(json))])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let list = request.body["list"]?.stringValue.flatMap(ListName.init(rawValue:)) ?? .people
        let (name, query) = words(request)
        try await check(query, of: list, context)
        let effects = context.platform.effects
        return APIResponse(
            json(
                try await context.platform.store.write {
                    try SavedViews.create(list, name: name, query: query, isShared: true, by: owner, $0, effects)
                }))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try SavedViews.get(id, for: owner, $0) }))
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let (name, query) = words(request)
        let version = request.body["version"]?.intValue ?? 0
        let list = try await context.platform.store.read { try SavedViews.get(id, for: owner, $0) }.list
        try await check(query, of: list, context)
        return APIResponse(
            json(
                try await context.platform.store.write {
                    try SavedViews.update(
                        id, version: version, name: name, query: query, isShared: true, by: owner, $0, at: now)
                }))
    }

    @Sendable private static func remove(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, version) = (try request.id("id"), request.int("version") ?? 0)
        try await context.platform.store.write { try SavedViews.remove(id, version: version, by: owner, $0) }
        return APIResponse(["id": JSONValue(id: id), "removed": true])
    }

    private static func words(_ request: APIRequest) -> (name: String, query: String) {
        let query = Fields(encoded: request.body["query"]?.stringValue ?? "")
        return (request.body["name"]?.stringValue ?? "", ViewBar.query(of: query))
    }

    /// Throws: `Problem` naming the words that the list cannot use.
    static func check(_ query: String, of list: ListName, _ context: APIContext) async throws {
        let (pairs, now) = (Fields(encoded: query).pairs, context.platform.effects.now())
        let workspace = try await context.platform.store.read { try Workspace.load($0) }
        if list == .reports {
            _ = try await SavedReports.question(query, context.platform)
            return
        }
        let ignored =
            list == .people
            ? ProfileQuery(pairs, workspace: workspace, now: now).ignored
            : OrderQuery(pairs, workspace: workspace).ignored
        if let problem = Problem.ignored(ignored, place: "body.query") { throw problem }
    }

    private static func json(_ view: SavedView) -> JSONValue {
        [
            "id": JSONValue(id: view.id), "list": .string(view.list.rawValue), "name": .string(view.name),
            "query": .string(view.query), "version": .integer(view.version), "created_at": JSONValue(view.createdAt),
            "updated_at": JSONValue(view.updatedAt),
        ]
    }
}
