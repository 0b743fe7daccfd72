import Engine

/// RFM, lifecycle and the overview, computed over the analytics store. Reports are the engine's own documents: the same
/// that the command line prints and the console draws.
enum InsightEndpoints {
    private static let tag = "Insights"
    private static let asOf = APIParameter.query("as_of", .day, "The last day that counts; today unless told.")

    private static let rfm = APISchema.named(
        "RFMReport",
        .object(
            [
                APIField("as_of", .day), APIField("currency", .string()), APIField("people", .integer()),
                APIField("orders", .integer()), APIField("revenue", .integer(), "In minor units."),
                APIField("settings", .map(.any)), APIField("dimensions", .array(.map(.any))),
                APIField("grid", .array(.map(.any))), APIField("classes", .array(.map(.any))),
            ], isOpen: true))
    private static let lifecycle = APISchema.named(
        "LifecycleReport",
        .object(
            [
                APIField("as_of", .day), APIField("currency", .string()), APIField("buyers", .integer()),
                APIField("purchases", .integer()), APIField("model", .map(.any)),
                APIField("stages", .array(.map(.any))),
            ], isOpen: true))
    private static let overview = APISchema.named(
        "Overview",
        .object(
            [
                APIField("time_zone", .string()), APIField("currency", .string()), APIField("now", .map(.any)),
                APIField("before", .map(.any)), APIField("days", .array(.map(.any))),
            ], isOpen: true))
    private static let flow = APISchema.named(
        "StageFlow",
        .object([
            APIField("from", .day), APIField("to", .day),
            APIField(
                "flows",
                .array(
                    .object([
                        APIField("from", .nullable(.words(ProfileSchemas.stages)), "null: not a buyer before."),
                        APIField("to", .words(ProfileSchemas.stages)), APIField("people", .integer()),
                    ]))),
        ]))

    private static let card = APISchema.object([APIField("items", .array(.map(.any)))])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/overview", "getOverview", tag: tag, "The brand's figures over the last days, and before.",
            access: .scope(.insightsRead),
            parameters: [.query("days", .integer(1...730), "30 unless told."), asOf], response: overview,
            handler: overview),
        APIRoute(
            .get, "/api/v1/rfm", "getRFM", tag: tag, "Scores, grid and eight classes by the workspace's settings.",
            access: .scope(.insightsRead), parameters: [asOf], response: rfm, handler: rfm),
        APIRoute(
            .get, "/api/v1/rfm/models", "listRFMModels", tag: tag, "The cards of the refreshes, newest first.",
            access: .scope(.insightsRead), response: card, handler: rfmModels),
        APIRoute(
            .get, "/api/v1/lifecycle", "getLifecycle", tag: tag, "The five stages as learnt from the customer base.",
            access: .scope(.insightsRead), parameters: [asOf], response: lifecycle, handler: lifecycle),
        APIRoute(
            .get, "/api/v1/lifecycle/models", "listLifecycleModels", tag: tag,
            "The cards of the refreshes, newest first.",
            access: .scope(.insightsRead), response: card, handler: lifecycleModels),
        APIRoute(
            .get, "/api/v1/lifecycle/flow", "getStageFlow", tag: tag, "How people moved between stages in a period.",
            access: .scope(.insightsRead),
            parameters: [
                .query("from", .day, required: true), .query("to", .day, "Not included.", required: true),
            ], response: flow, handler: flow),
        APIRoute(
            .post, "/api/v1/rfm/refresh", "refreshRFM", tag: tag, "Compute RFM anew for everybody, in the background.",
            access: .scope(.insightsWrite), status: .accepted, response: queued,
            handler: { try await refresh(RFMRefresh.kind, $0, $1) }),
        APIRoute(
            .post, "/api/v1/lifecycle/refresh", "refreshLifecycle", tag: tag,
            "Learn the lifecycle anew and reassess everybody, in the background.", access: .scope(.insightsWrite),
            status: .accepted, response: queued, handler: { try await refresh(LifecycleRefresh.kind, $0, $1) }),
    ]

    private static let queued = APISchema.object([APIField("job_id", .id)])

    @Sendable private static func overview(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let days = Int(request.int("days") ?? 30)
        let workspace = try await context.platform.store.read { try Workspace.load($0) }
        let today = (LocalCalendar(timeZone: workspace.timeZone) ?? .utc).day(of: context.platform.effects.now())
        let last = request.day("as_of") ?? today
        return try APIResponse(
            report: try await Overview.make(context.platform, period: ReportPeriod(days: days, through: last)))
    }

    @Sendable private static func rfm(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try APIResponse(report: try await RFMReport.make(context.platform, asOf: request.day("as_of")))
    }

    @Sendable private static func rfmModels(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let cards = try await context.platform.store.read { try RFMCard.list($0) }
        return try APIResponse(report: ["items": cards])
    }

    @Sendable private static func lifecycle(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try APIResponse(report: try await LifecycleReport.make(context.platform, asOf: request.day("as_of")))
    }

    @Sendable private static func lifecycleModels(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let cards = try await context.platform.store.read { try LifecycleCard.list($0) }
        return try APIResponse(report: ["items": cards])
    }

    @Sendable private static func flow(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        guard let first = request.day("from"), let last = request.day("to"), first <= last else {
            throw Problem(.badRequest, "invalid_parameter", "“from” must not be after “to”.")
        }
        let flow = try await context.platform.store.read { connection in
            let workspace = try Workspace.load(connection)
            let calendar = LocalCalendar(timeZone: workspace.timeZone) ?? .utc
            return try StageFlow.between(calendar.start(ofDay: first), calendar.start(ofDay: last), connection)
        }
        return APIResponse([
            "from": .string(LocalCalendar.text(ofDay: first)), "to": .string(LocalCalendar.text(ofDay: last)),
            "flows": .array(
                flow.flows.map {
                    [
                        "from": JSONValue($0.from?.rawValue), "to": .string($0.to.rawValue),
                        "people": .integer($0.people),
                    ]
                }),
        ])
    }

    /// Hastens the waiting refresh, or asks for one.
    private static func refresh(
        _ kind: String, _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let effects = context.platform.effects
        let id = try await context.platform.store.write { connection in
            try JobQueue.hasten(connection, key: kind, at: effects.now())
            return try JobQueue.enqueue(
                connection, kind: kind, key: kind, dueAt: effects.now(), effects: effects
            ).id
        }
        return APIResponse(["job_id": JSONValue(id: id)])
    }
}

extension APIRequest {
    /// A day parameter as days since 1970.
    fileprivate func day(_ name: String) -> Int64? {
        string(name).flatMap { LocalCalendar.day(fromText: $0) }
    }
}
