import Engine
import Storage

/// Dashboards, which the console and programs share. A key sees and makes shared ones.
enum DashboardEndpoints {
    private static let tag = "Dashboards"
    private static let owner = ViewEndpoints.owner

    private static let panel = APISchema.object([
        .optional("title", .string(max: Dashboards.nameCharacters), "What the panel is called anyway unless told."),
        APIField("panel", .string(min: 1, max: 60), "A panel of the report."),
        APIField("query", .string(max: SavedViews.queryBytes), "As a saved report keeps it: `report=traffic&days=30`."),
        .optional("width", .integer(1...3), "In thirds of the page; 1 unless told."),
    ])
    private static let digest = APISchema.object([
        APIField("cadence", .words(DigestSchedule.Cadence.allCases.map(\.rawValue))),
        .optional("hour", .integer(0...23), "Of the workspace's clocks; 8 unless told."),
        .optional("weekday", .integer(1...7), "1 Monday; of weekly ones."),
        .optional("day", .integer(1...Int64(DigestSchedule.dayMax)), "Of the month; of monthly ones."),
        APIField("recipients", .array(.string(max: 254), count: 0...DigestSchedule.recipientsMax), "Addresses."),
    ])
    private static let layout: [APIField] = [
        APIField("name", .string(min: 1, max: Dashboards.nameCharacters)),
        APIField("panels", .array(panel, count: 0...Dashboards.panelsMax), "In order."),
        .optional("days", .nullable(.integer(1...Int64(ReportQuestion.daysMax))), "For every panel."),
        .optional("segment_id", .nullable(.id), "For every panel."),
        .optional("digest", .nullable(digest), "Mailed to its recipients when it falls due."),
    ]
    private static let one = APISchema.named(
        "Dashboard",
        .object(
            [APIField("id", .id)] + layout + [
                APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
                APIField("next_digest_at", .nullable(.timestamp)),
                APIField("revision", .string(), "Of what people change, for `If-Match`."),
            ]))
    private static let reading = APISchema.object([
        APIField(
            "items",
            .array(
                .object([
                    APIField("title", .string()), APIField("report", .nullable(.any), "As the report answers."),
                    APIField("problem", .nullable(.string()), "Why there is none."),
                ])))
    ])

    private static let sending = APISchema.object([
        APIField("due_at", .timestamp, "The moment of the schedule."), APIField("recipient", .string()),
        APIField("status", .words(DigestSending.Status.allCases.map(\.rawValue))),
        APIField("attempts", .integer()), APIField("detail", .string(), "What the mail server said."),
        APIField("at", .timestamp),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/dashboards", "listDashboards", tag: tag, "The shared dashboards, by name.",
            access: .scope(.insightsRead), response: .object([APIField("items", .array(one))]), handler: list),
        APIRoute(
            .post, "/api/v1/dashboards", "createDashboard", tag: tag, "Put panels together, for everybody.",
            access: .scope(.insightsWrite), body: .json(.object(layout)), status: .created, response: one,
            handler: create),
        APIRoute(
            .get, "/api/v1/dashboards/{id}", "getDashboard", tag: tag, "One dashboard.",
            access: .scope(.insightsRead), parameters: [.path("id")], response: one, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/dashboards/{id}", "updateDashboard", tag: tag, "Change all of a dashboard.",
            access: .scope(.insightsWrite), parameters: [.path("id")], body: .json(.object(layout)), response: one,
            isRevised: true, handler: update),
        APIRoute(
            .delete, "/api/v1/dashboards/{id}", "deleteDashboard", tag: tag, "Remove a dashboard.",
            access: .scope(.insightsWrite), parameters: [.path("id")], response: .object([]), isRevised: true,
            handler: remove),
        APIRoute(
            .post, "/api/v1/dashboards/{id}/duplicate", "duplicateDashboard", tag: tag,
            "Make a copy under another name, without its digest.", access: .scope(.insightsWrite),
            parameters: [.path("id")],
            body: .json(.object([APIField("name", .string(min: 1, max: Dashboards.nameCharacters))])),
            status: .created, response: one, handler: duplicate),
        APIRoute(
            .get, "/api/v1/dashboards/{id}/reports", "readDashboard", tag: tag,
            "Every panel as it is counted now, for its own days and people or for those that are told.",
            access: .scope(.insightsRead),
            parameters: [
                .path("id"), .query("from", .day), .query("to", .day),
                .query("days", .integer(1...Int64(ReportQuestion.daysMax))), .query("segment", .id),
                .query("compare", .words(["before", "year"])),
                .query("panel", .integer(1...Int64(Dashboards.panelsMax)), "Only the one at this place."),
            ], response: reading, handler: read),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (found, workspace) = try await context.platform.store.read {
            (try Dashboards.list(for: owner, $0), try Workspace.load($0))
        }
        return APIResponse(["items": .array(try found.map { try json($0, workspace, context) })])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (name, layout) = read(request.body)
        try await Dashboards.check(layout, context.platform)
        return try await change(request, context, "create") { effects, connection in
            try Dashboards.create(name: name, isShared: true, layout, by: owner, connection, effects)
        }
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (found, workspace) = try await context.platform.store.read {
            (try Dashboards.get(id, for: owner, $0), try Workspace.load($0))
        }
        return APIResponse(try json(found, workspace, context), at: try found.revision)
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (name, layout) = read(request.body)
        try await Dashboards.check(layout, context.platform)
        return try await change(request, context, "update") { effects, connection in
            let before = try Dashboards.get(id, for: owner, connection)
            try request.match(try before.revision)
            return try Dashboards.update(
                id, name: name, isShared: before.isShared, layout, by: owner, connection, at: effects.now())
        }
    }

    @Sendable private static func duplicate(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, name) = (try request.id("id"), request.body["name"]?.stringValue ?? "")
        return try await change(request, context, "create") { effects, connection in
            try Dashboards.duplicate(id, name: name, by: owner, connection, effects)
        }
    }

    @Sendable private static func remove(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now, actor) = (try request.id("id"), context.platform.effects.now(), request.caller.actor)
        try await context.platform.store.write { connection in
            let before = try Dashboards.get(id, for: owner, connection)
            try request.match(try before.revision)
            try Dashboards.remove(id, by: owner, connection)
            try AuditLog.append(
                actor: actor, action: "dashboard.delete", subject: "dashboard:\(id)", detail: before.name, connection,
                at: now)
        }
        return APIResponse([:])
    }

    @Sendable private static func read(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let found = try await context.platform.store.read { try Dashboards.get(id, for: owner, $0) }
        let asked = DashboardOverride(
            from: request.string("from"), to: request.string("to"), days: request.int("days").map { Int($0) },
            segment: request.string("segment").flatMap { Int64($0) }, comparison: request.string("compare"))
        let reading = try await DashboardReading.make(
            found.layout, asked, only: request.int("panel").map { Int($0) - 1 }, context.platform)
        let items = try reading.parts.map { part -> JSONValue in
            [
                "title": .string(part.panel.title),
                "report": try part.document.map { try JSONValue(parsing: ReportRenderer.document($0)) } ?? .null,
                "problem": JSONValue(part.problem?.description),
            ]
        }
        return APIResponse(["items": .array(items)])
    }

    @Sendable private static func digests(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let found = try await context.platform.store.read { connection in
            _ = try Dashboards.get(id, for: owner, connection)
            return try DigestSendings.list(id, connection)
        }
        let items = found.map { sending -> JSONValue in
            [
                "due_at": JSONValue(sending.dueAt), "recipient": .string(sending.address),
                "status": .string(sending.status.rawValue), "attempts": .integer(sending.attempts),
                "detail": .string(sending.detail), "at": JSONValue(sending.at),
            ]
        }
        return APIResponse(["items": .array(items)])
    }

    private static func change(
        _ request: APIRequest, _ context: APIContext, _ action: String,
        _ body: @escaping @Sendable (Effects, any SQLConnection) throws -> Dashboard
    ) async throws -> APIResponse {
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let (changed, workspace) = try await context.platform.store.write { connection in
            let changed = try body(effects, connection)
            try AuditLog.append(
                actor: actor, action: "dashboard.\(action)", subject: "dashboard:\(changed.id)", detail: changed.name,
                connection, at: effects.now())
            return (changed, try Workspace.load(connection))
        }
        return APIResponse(try json(changed, workspace, context), at: try changed.revision)
    }

    private static func read(_ body: JSONValue) -> (name: String, DashboardLayout) {
        var layout = DashboardLayout()
        layout.panels = (body["panels"]?.arrayValue ?? []).map { panel in
            DashboardPanel(
                title: panel["title"]?.stringValue ?? "", panel: panel["panel"]?.stringValue ?? "",
                query: ViewBar.query(of: Fields(encoded: panel["query"]?.stringValue ?? "")),
                width: Int(panel["width"]?.intValue ?? 1))
        }
        layout.days = body["days"]?.intValue.map { Int($0) }
        layout.segment = body["segment_id"]?.stringValue.flatMap { Int64($0) }
        if let told = body["digest"], let word = told["cadence"]?.stringValue,
            let cadence = DigestSchedule.Cadence(rawValue: word)
        {
            layout.digest = DigestSchedule(
                cadence: cadence, hour: Int(told["hour"]?.intValue ?? 8), weekday: Int(told["weekday"]?.intValue ?? 1),
                day: Int(told["day"]?.intValue ?? 1),
                recipients: (told["recipients"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
        return (body["name"]?.stringValue ?? "", layout)
    }

    private static func json(
        _ dashboard: Dashboard, _ workspace: Workspace, _ context: APIContext
    ) throws -> JSONValue {
        let (layout, now) = (dashboard.layout, context.platform.effects.now())
        let digest = layout.digest.map { digest -> JSONValue in
            [
                "cadence": .string(digest.cadence.rawValue), "hour": .integer(Int64(digest.hour)),
                "weekday": .integer(Int64(digest.weekday)), "day": .integer(Int64(digest.day)),
                "recipients": .array(digest.recipients.map { .string($0) }),
            ]
        }
        let panels = layout.panels.map { panel -> JSONValue in
            [
                "title": .string(panel.title), "panel": .string(panel.panel), "query": .string(panel.query),
                "width": .integer(Int64(panel.width)),
            ]
        }
        return [
            "id": JSONValue(id: dashboard.id), "name": .string(dashboard.name), "panels": .array(panels),
            "days": layout.days.map { .integer(Int64($0)) } ?? .null,
            "segment_id": JSONValue(optionalID: layout.segment), "digest": digest ?? .null,
            "created_at": JSONValue(dashboard.createdAt), "updated_at": JSONValue(dashboard.updatedAt),
            "next_digest_at": JSONValue(layout.digest?.next(after: now, workspace.calendar)),
            "revision": .string(try dashboard.revision.text),
        ]
    }
}

extension Problem {
    static func dashboard(_ error: DashboardError) -> Problem {
        func unusable(_ code: String, _ message: String, _ place: String) -> Problem {
            Problem(.unprocessableContent, code, message, flaws: [Flaw(place, message)])
        }
        switch error {
        case .notFound: return .notFound("dashboard")
        case .badName:
            return unusable("bad_name", "A name has 1 to \(Dashboards.nameCharacters) characters.", "body.name")
        case .tooMany(let limit): return Problem(.conflict, "too_many", "There are \(limit) dashboards already.")
        case .tooManyPanels(let limit):
            return unusable("too_many_panels", "A dashboard has at most \(limit) panels.", "body.panels")
        case .badPanel(let place, let error):
            return unusable("bad_panel", error.description, "body.panels[\(place - 1)]")
        case .badWidth(let place):
            return unusable("bad_width", "A panel is 1 to 3 thirds wide.", "body.panels[\(place - 1)].width")
        case .badTitle(let place):
            return unusable(
                "bad_title", "A title has at most \(Dashboards.nameCharacters) characters.",
                "body.panels[\(place - 1)].title")
        case .badDays(let limit): return unusable("bad_days", "1 to \(limit) days.", "body.days")
        case .unknownSegment: return unusable("unknown_segment", "There is no such segment.", "body.segment_id")
        case .badSchedule(let flaw):
            return unusable(
                "bad_schedule", "The digest's \(flaw.rawValue) cannot be used.", "body.digest.\(flaw.rawValue)")
        }
    }
}
