import Engine
import Storage

/// People in journeys: who is where, the way each took, trying and explaining, and ready journeys to begin with.
enum JourneyRunEndpoints {
    private static let tag = JourneyEndpoints.tag

    private static let run = APISchema.named(
        "JourneyRun",
        .object([
            APIField("id", .id), APIField("journey_id", .id), APIField("version_id", .id),
            APIField("profile_id", .nullable(.id)),
            APIField("status", .words(JourneyRun.Status.allCases.map(\.rawValue))),
            APIField("ending", .nullable(.words(JourneyRun.Ending.allCases.map(\.rawValue)))),
            APIField("node", .string()), APIField("is_waiting", .boolean), APIField("due_at", .nullable(.timestamp)),
            APIField("entered_at", .timestamp), APIField("ended_at", .nullable(.timestamp)),
            APIField("goal_at", .nullable(.timestamp)), APIField("error", .string()),
            APIField("values", .object([], isOpen: true), "What let the person in said."),
        ]))
    private static let visit = APISchema.object([
        APIField("visit", .integer()), APIField("node", .string()), APIField("arrived_at", .timestamp),
        APIField("left_at", .timestamp), APIField("path", .string()), APIField("note", .string()),
    ])
    private static let entry = APISchema.object([
        APIField("profile_id", .id),
        .optional("key", .string(max: 100), "The same key lets the person in once."),
        .optional("values", .object([], isOpen: true), "What nodes and messages may refer to."),
    ])
    private static let trialLine = APISchema.object([
        APIField("node", .string()), APIField("kind", .string()), APIField("words", .string()),
        APIField("path", .string()), APIField("note", .string()), APIField("at", .timestamp),
    ])
    private static let reason = APISchema.object([
        APIField("subject", .words(["live", "entry", "who", "reentry"])), APIField("holds", .boolean),
        APIField("words", .string()), APIField("finding", .string()),
    ])
    private static let playbook = APISchema.object([
        APIField("code", .string()), APIField("stage", .string()), APIField("name", .string()),
        APIField("description", .string()),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/journeys/{id}/runs", "enterJourney", tag: tag,
            "Let a person into a journey that is entered by request.", access: .scope(.journeysWrite),
            parameters: [.path("id")], body: .json(entry), status: .created,
            response: .object([
                APIField("run", .nullable(run)), APIField("reason", .nullable(.string()), "Why nobody came in."),
            ]), handler: enter),
        APIRoute(
            .get, "/api/v1/journeys/{id}/runs", "listJourneyRuns", tag: tag, "Runs of a journey, the newest first.",
            access: .scope(.journeysRead),
            parameters: [
                .path("id"), .query("status", .words(JourneyRun.Status.allCases.map(\.rawValue))),
                .query("node", .string(min: 1, max: JourneyLimits.idBytes), "Who stands there now."),
                .query("profile_id", .id),
                .query("passed", .string(min: 1, max: JourneyLimits.idBytes), "Who has left this node."),
                .query("way", .string(min: 1, max: 200), "With `passed`: by this way."),
                .query("note", .string(min: 1, max: 200), "With `passed`: with this note, `refused:no_member`."),
                .query("goal", .boolean, "Only who reached the goal."),
            ] + APIParameter.paging, response: .page(of: run), handler: list),
        APIRoute(
            .get, "/api/v1/journeys/{id}/runs/{run_id}", "getJourneyRun", tag: tag,
            "One run with every decision that was taken.", access: .scope(.journeysRead),
            parameters: [.path("id"), .path("run_id")],
            response: .object([APIField("run", run), APIField("visits", .array(visit))]), handler: get),
        APIRoute(
            .post, "/api/v1/journeys/{id}/runs/{run_id}/retries", "retryJourneyRun", tag: tag,
            "Try a run again that was set aside.", access: .scope(.journeysWrite),
            parameters: [.path("id"), .path("run_id")], status: .accepted, response: run, handler: retry),
        APIRoute(
            .delete, "/api/v1/journeys/{id}/runs/{run_id}", "removeJourneyRun", tag: tag,
            "Take a person out of a journey.", access: .scope(.journeysWrite),
            parameters: [.path("id"), .path("run_id")], response: run, handler: remove),
        APIRoute(
            .post, "/api/v1/journeys/{id}/trials", "tryJourney", tag: tag,
            "Walk the draft as a person, without writing anything.", access: .scope(.journeysRead),
            parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("profile_id", .id),
                    .optional("choices", .map(.string()), "By node: the way that an event shall open."),
                ])),
            response: .object([
                APIField("meant", .nullable(.boolean), "Whether the conditions of the entry hold."),
                APIField("ending", .nullable(.string())), APIField("goal_at", .nullable(.timestamp)),
                APIField("lines", .array(trialLine)),
            ]), handler: attempt),
        JourneyDryRunEndpoint.route,
        APIRoute(
            .get, "/api/v1/journeys/{id}/explanation", "explainJourney", tag: tag,
            "Why a person is in a journey or not.", access: .scope(.journeysRead),
            parameters: [.path("id"), .query("profile_id", .id, required: true)],
            response: .object([
                APIField("reasons", .array(reason)), APIField("runs", .array(run)),
                APIField(
                    "messages",
                    .array(
                        .object([
                            APIField("node", .string()), APIField("words", .string()),
                            APIField("message_id", .nullable(.id)),
                            APIField("state", .string(), "Of the message; else `never_in`, `ahead` or `missed`."),
                            APIField("reason", .string(), "Why it was held back; how the person left; where they are."),
                        ])), "Every message of the journey, and what became of it for the person."),
            ]), handler: explain),
        APIRoute(
            .get, "/api/v1/journey-playbooks", "listJourneyPlaybooks", tag: tag, "Ready journeys to begin with.",
            access: .scope(.journeysRead), parameters: [.query("language", .words(["en", "zh-Hans"]))],
            response: .object([APIField("items", .array(playbook))]), handler: playbooks),
    ]

    @Sendable private static func enter(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, effects) = (try request.id("id"), request.body, context.platform.effects)
        let profile = body["profile_id"]?.stringValue.flatMap { Int64($0) } ?? 0
        let made = try await context.platform.store.write { connection in
            try Journeys.enter(
                id, profile: profile, key: body["key"]?.stringValue ?? "", values: body["values"] ?? [:],
                effects: effects, connection)
        }
        return APIResponse(["run": try made.run.map(json) ?? .null, "reason": JSONValue(made.reason)])
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, before) = (try request.id("id"), try request.cursorID())
        let limit = min(request.limit, JourneyLimits.pageRows)
        var filter = JourneyRunFilter(
            journey: id, profile: request.string("profile_id").flatMap { Int64($0) }, node: request.string("node"),
            status: request.string("status").flatMap(JourneyRun.Status.init(rawValue:)), before: before)
        filter.passed = request.string("passed")
        (filter.way, filter.note) = (request.string("way"), request.string("note"))
        filter.reachedGoal = request.bool("goal") ?? false
        let found = try await context.platform.store.read { [filter] connection in
            _ = try Journeys.get(id, connection)
            return try JourneyRuns.list(filter, limit: limit + 1, connection)
        }
        let next = found.count > limit ? found.prefix(limit).last.map { JSONValue.integer($0.id) } : nil
        let items = try found.prefix(limit).map(json)
        return APIResponse([
            "items": .array(items), "next_cursor": next.map { JSONValue.string(APICursor.text($0)) } ?? .null,
        ])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, run) = (try request.id("id"), try request.id("run_id"))
        let found = try await context.platform.store.read { try JourneyRuns.get(run, of: id, $0) }
        return APIResponse([
            "run": try json(found.run),
            "visits": .array(
                found.visits.map { visit in
                    [
                        "visit": .integer(visit.visit), "node": .string(visit.node),
                        "arrived_at": JSONValue(visit.arrivedAt), "left_at": JSONValue(visit.leftAt),
                        "path": .string(visit.path), "note": .string(visit.note),
                    ]
                }),
        ])
    }

    @Sendable private static func retry(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, run, actor) = (try request.id("id"), try request.id("run_id"), request.caller.actor)
        let now = context.platform.effects.now()
        return APIResponse(
            try json(
                try await context.platform.store.write {
                    try JourneyRuns.retry(run, of: id, by: actor, $0, at: now)
                }))
    }

    @Sendable private static func remove(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, run, actor) = (try request.id("id"), try request.id("run_id"), request.caller.actor)
        let effects = context.platform.effects
        return APIResponse(
            try json(
                try await context.platform.store.write {
                    try JourneyRuns.remove(run, of: id, by: actor, effects: effects, $0)
                }))
    }

    @Sendable private static func attempt(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let profile = request.body["profile_id"]?.stringValue.flatMap { Int64($0) } ?? 0
        let choices = (request.body["choices"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
        let trial = try await JourneyTrial.run(
            try request.id("id"), as: profile, choices: choices, .english, context.platform)
        return APIResponse([
            "meant": trial.isMeant.map { JSONValue.bool($0) } ?? .null, "ending": JSONValue(trial.ending?.rawValue),
            "goal_at": JSONValue(trial.goalAt),
            "lines": .array(
                trial.lines.map { line in
                    [
                        "node": .string(line.node), "kind": .string(line.kind), "words": .string(line.words),
                        "path": .string(line.path), "note": .string(line.note), "at": JSONValue(line.at),
                    ]
                }),
        ])
    }

    @Sendable private static func explain(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let found = try await JourneyWhyNot.explain(
            try request.id("profile_id"), try request.id("id"), .english, context.platform)
        return APIResponse([
            "reasons": .array(
                found.lines.map { line in
                    [
                        "subject": .string(line.subject.rawValue), "holds": .bool(line.holds),
                        "words": .string(line.words), "finding": .string(line.finding),
                    ]
                }), "runs": .array(try found.runs.map(json)), "messages": .array(found.messages.map(json)),
        ])
    }

    private static func json(_ line: JourneyWhyNot.MessageLine) -> JSONValue {
        var (state, reason, id): (String, String, JSONValue) = ("never_in", "", .null)
        switch line.finding {
        case .message(let message):
            (state, reason, id) = (message.state.rawValue, message.reason, JSONValue(id: message.id))
        case .missed(let ending): (state, reason) = ("missed", ending.rawValue)
        case .ahead(let node): (state, reason) = ("ahead", node)
        case .neverIn: break
        }
        return [
            "node": .string(line.node), "words": .string(line.words), "message_id": id, "state": .string(state),
            "reason": .string(reason),
        ]
    }

    @Sendable private static func playbooks(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let language = CriteriaLanguage(request.string("language") ?? "en")
        return APIResponse([
            "items": .array(
                try JourneyPlaybooks.all().map { playbook in
                    [
                        "code": .string(playbook.code), "stage": .string(playbook.stage),
                        "name": .string(playbook.name(language)),
                        "description": .string(playbook.description(language)),
                    ]
                })
        ])
    }

    private static func json(_ run: JourneyRun) throws -> JSONValue {
        [
            "id": JSONValue(id: run.id), "journey_id": JSONValue(id: run.journeyID),
            "version_id": JSONValue(id: run.versionID),
            "profile_id": run.profileID == 0 ? .null : JSONValue(id: run.profileID),
            "status": .string(run.status.rawValue), "ending": JSONValue(run.ending?.rawValue),
            "node": .string(run.node), "is_waiting": .bool(run.isWaiting), "due_at": JSONValue(run.due),
            "entered_at": JSONValue(run.enteredAt), "ended_at": JSONValue(run.endedAt),
            "goal_at": JSONValue(run.goalAt), "error": .string(run.error),
            "values": try JSONValue(parsing: run.values),
        ]
    }
}
