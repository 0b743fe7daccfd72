import Engine
import Storage

/// What the team is asked to do about people.
enum TaskEndpoints {
    private static let tag = JourneyEndpoints.tag
    private static let states = StaffTask.State.allCases.map(\.rawValue)
    private static let task = APISchema.named(
        "StaffTask",
        .object([
            APIField("id", .id), APIField("profile_id", .nullable(.id)), APIField("title", .string()),
            APIField("text", .string()), APIField("role", .nullable(.string()), "Whose it is; null: everybody's."),
            APIField("state", .words(states)), APIField("due_at", .timestamp), APIField("journey_id", .id),
            APIField("note", .string()), APIField("created_at", .timestamp),
            APIField("closed_at", .nullable(.timestamp)), APIField("closed_by", .string()),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/tasks", "listTasks", tag: tag, "Tasks of the team, those due first.",
            access: .scope(.journeysRead),
            parameters: [
                .query("state", .words(states)),
                .query("role", .words(Role.allCases.map(\.rawValue)), "Its own and everybody's."),
                .query("profile_id", .id), .query("journey_id", .id),
            ] + APIParameter.paging, response: .page(of: task), handler: list),
        APIRoute(
            .get, "/api/v1/tasks/{id}", "getTask", tag: tag, "One task.", access: .scope(.journeysRead),
            parameters: [.path("id")], response: task, handler: get),
        APIRoute(
            .post, "/api/v1/tasks/{id}/closures", "closeTask", tag: tag,
            "Done or skipped: whoever waits for it goes on. The same again changes nothing.",
            access: .scope(.journeysWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("state", .words(["done", "skipped"])),
                    .optional("note", .string(max: StaffTaskLimits.noteBytes), "Kept with the run as `values.note`."),
                ])), status: .created, response: task, handler: close),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = { (name: String) in request.string(name).flatMap { Int64($0) } }
        let (profile, limit) = (id("profile_id"), request.limit)
        let filter = StaffTasks.Filter(
            state: request.string("state").flatMap(StaffTask.State.init(rawValue:)),
            role: request.string("role").flatMap(Role.init(rawValue:)), journeyID: id("journey_id"))
        var after: (ms: Int64, id: Int64)?
        if let cursor = try request.cursor() {
            guard let ms = cursor[0]?.intValue, let id = cursor[1]?.intValue else { throw Problem.badCursor }
            after = (ms, id)
        }
        let place = after
        let found = try await context.platform.store.read { connection in
            var filter = filter
            if let profile { filter.profileIDs = [profile] + (try ProfileDetail.mergedIDs(into: profile, connection)) }
            return try StaffTasks.list(filter, after: place, limit: limit + 1, connection)
        }
        let page = Array(found.prefix(limit))
        let next: JSONValue? =
            found.count > limit ? page.last.map { [.integer($0.due.milliseconds), .integer($0.id)] } : nil
        return APIResponse(page: page, next: next, json)
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try StaffTasks.get(id, $0) }))
    }

    @Sendable private static func close(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, actor) = (try request.id("id"), request.body, request.caller.actor)
        let effects = context.platform.effects
        let state: StaffTask.State = body["state"]?.stringValue == "skipped" ? .skipped : .done
        return APIResponse(
            json(
                try await context.platform.store.write {
                    try StaffTasks.close(
                        id, state, note: body["note"]?.stringValue ?? "", by: actor, effects, $0)
                }))
    }

    private static func json(_ task: StaffTask) -> JSONValue {
        [
            "id": JSONValue(id: task.id), "profile_id": task.profileID == 0 ? .null : JSONValue(id: task.profileID),
            "title": .string(task.title), "text": .string(task.text), "role": JSONValue(task.role?.rawValue),
            "state": .string(task.state.rawValue), "due_at": JSONValue(task.due),
            "journey_id": JSONValue(id: task.journeyID), "note": .string(task.note),
            "created_at": JSONValue(task.createdAt), "closed_at": JSONValue(task.closedAt),
            "closed_by": .string(task.closedBy),
        ]
    }
}
