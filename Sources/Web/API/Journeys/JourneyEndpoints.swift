import Engine
import Storage

/// Journeys: drafts, publishing, pausing, and what they come to.
enum JourneyEndpoints {
    static let tag = "Journeys"
    private static let statuses = Journey.Status.allCases.map(\.rawValue)

    private static let issue = APISchema.object([
        APIField("node", .string()), APIField("path", .string()), APIField("code", .string()),
        APIField("message", .string()),
    ])
    private static let fields: [APIField] = [
        APIField("id", .id), APIField("name", .string()), APIField("description", .string()),
        APIField("status", .words(statuses)),
        APIField("draft", .nullable(.object([], isOpen: true)), "What is being written; null when all is published."),
        APIField(
            "draft_issues", .array(issue),
            "What the draft still wants for by itself; `/issues` asks the workspace, too."),
        APIField("published", .nullable(.object([], isOpen: true)), "What lets people in."),
        APIField("published_version", .nullable(.integer())),
        APIField("revision", .string(), "Of name, description and draft, for `seen`."),
        APIField("entered", .integer()), APIField("goals", .integer()), APIField("active", .integer()),
        APIField("priority", .integer(), "Of its messages, where a cap leaves room for some only; 1 to 9."),
        APIField("paused_at", .nullable(.timestamp)), APIField("created_at", .timestamp),
        APIField("updated_at", .timestamp),
    ]
    private static let journey = APISchema.named("Journey", .object(fields))
    private static let draft = APISchema.object([
        APIField("name", .string(min: 1, max: JourneyLimits.nameCharacters)),
        .optional("description", .string(max: JourneyLimits.descriptionCharacters)),
        APIField(
            "definition", .object([], isOpen: true),
            "See docs/journeys.md. Nodes may be incomplete; `draft_issues` of the answer says what is missing."),
        .optional("priority", .integer(MessageChoices.priorities), "5 unless told; holds at once."),
        .optional("seen", .string(), "The revision that was edited; refused when it is another by now."),
    ])
    private static let publication = APISchema.object([
        .optional("people", .words(["stay", "move", "exit"]), "Of older versions; they stay unless told."),
        .optional("nodes", .map(.string()), "With `move`: where the people of a node go; empty: they leave."),
        .optional("seen", .string()),
    ])
    private static let statusChange = APISchema.object([
        APIField("status", .words(["live", "paused", "ended"])),
        .optional("catch_up", .words(["keep", "spread", "expire"]), "With `live`: what fell due during the pause."),
        .optional("hours", .integer(1...720), "With `spread`."),
        .optional("lets_finish", .boolean, "With `ended`: whether people on their way finish; they do unless told."),
    ])
    private static let standing = APISchema.object([
        APIField("version_id", .id), APIField("node", .string()), APIField("people", .integer()),
        APIField("failed", .integer()),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/journeys", "listJourneys", tag: tag, "All journeys, by name.",
            access: .scope(.journeysRead), response: .object([APIField("items", .array(journey))]), handler: list),
        APIRoute(
            .post, "/api/v1/journeys", "createJourney", tag: tag, "Begin a journey as a draft.",
            access: .scope(.journeysWrite), body: .json(draft), status: .created, response: journey, handler: create),
        APIRoute(
            .get, "/api/v1/journeys/{id}", "getJourney", tag: tag, "One journey.", access: .scope(.journeysRead),
            parameters: [.path("id")], response: journey, handler: get),
        APIRoute(
            .put, "/api/v1/journeys/{id}", "updateJourney", tag: tag,
            "Change name, description and draft; what is published stays as it is.", access: .scope(.journeysWrite),
            parameters: [.path("id")], body: .json(draft), response: journey, handler: update),
        APIRoute(
            .delete, "/api/v1/journeys/{id}", "deleteJourney", tag: tag, "Delete a journey that nobody is in.",
            access: .scope(.journeysWrite), parameters: [.path("id")], response: .object([]), handler: delete),
        APIRoute(
            .get, "/api/v1/journeys/{id}/issues", "checkJourney", tag: tag,
            "What keeps the draft from being published.", access: .scope(.journeysRead), parameters: [.path("id")],
            response: .object([
                APIField("items", .array(issue))
            ]), handler: check),
        APIRoute(
            .post, "/api/v1/journeys/{id}/publications", "publishJourney", tag: tag,
            "Publish the draft, and carry on the people of older versions.", access: .scope(.journeysWrite),
            parameters: [.path("id")], body: .json(publication), status: .created, response: journey,
            handler: publish),
        APIRoute(
            .post, "/api/v1/journeys/{id}/publication-undos", "undoJourneyPublication", tag: tag,
            "Take the last publishing back, within a day: the version before is in force again, and people whom it moved "
                + "or let go, and who have not gone on, stand where they stood.", access: .scope(.journeysWrite),
            parameters: [.path("id")], status: .created,
            response: .object([
                APIField("restored", .integer()),
                APIField("remaining", .integer(), "Went on or came in since; they finish what was taken back."),
                APIField("journey", journey),
            ]), handler: undo),
        APIRoute(
            .put, "/api/v1/journeys/{id}/status", "setJourneyStatus", tag: tag, "Pause, resume or end a journey.",
            access: .scope(.journeysWrite), parameters: [.path("id")], body: .json(statusChange), response: journey,
            handler: setStatus),
        APIRoute(
            .get, "/api/v1/journeys/{id}/figures", "getJourneyFigures", tag: tag,
            "How many came in, passed each node, reached the goal and left, and who stands where.",
            access: .scope(.journeysRead), parameters: [.path("id")],
            response: .object([
                APIField("entered", .integer()), APIField("goals", .integer()),
                APIField("endings", .map(.integer())), APIField("nodes", .map(.map(.integer()))),
                APIField("standing", .array(standing)),
            ]), handler: figures),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let items = try await context.platform.store.read { connection in
            let totals = try JourneyFigures.totals(connection)
            return try Journeys.list(connection).map { try json($0, totals[$0.id], connection) }
        }
        return APIResponse(["items": .array(items)])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (draft, actor, effects) = (draft(request.body), request.caller.actor, context.platform.effects)
        return APIResponse(
            try await context.platform.store.write { connection in
                let made = try Journeys.create(draft, by: actor, effects: effects, connection)
                return try json(made, nil, connection)
            })
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(
            try await context.platform.store.read { connection in
                try json(try Journeys.get(id, connection), try JourneyFigures.totals(connection)[id], connection)
            })
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, draft, actor) = (try request.id("id"), draft(request.body), request.caller.actor)
        let (effects, seen) = (context.platform.effects, request.body["seen"]?.stringValue)
        return try await changed(context) { connection in
            try Journeys.update(id, draft, seen: seen, by: actor, effects: effects, connection)
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { try Journeys.delete(id, by: actor, $0, at: now) }
        return APIResponse([:])
    }

    @Sendable private static func check(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let issues = try await context.platform.store.read { connection -> [JourneyIssue] in
            _ = try Journeys.get(id, connection)
            guard let version = try Journeys.current(id, connection) else { return [] }
            return try JourneyDefinition.issues(of: version.definition, try JourneyWorld.load(connection, .current))
        }
        return APIResponse(["items": json(issues)])
    }

    @Sendable private static func publish(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let seen = request.body["seen"]?.stringValue
        let transfer: JourneyTransfer
        switch request.body["people"]?.stringValue {
        case "move":
            transfer = .move(nodes: (request.body["nodes"]?.objectValue ?? [:]).compactMapValues(\.stringValue))
        case "exit": transfer = .exit
        default: transfer = .stay
        }
        return try await changed(context) { connection in
            try Journeys.publish(id, transfer, seen: seen, by: actor, effects: effects, connection)
        }
    }

    @Sendable private static func undo(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        return APIResponse(
            try await context.platform.store.write { connection -> JSONValue in
                let (journey, undone) = try Journeys.undoPublishing(id, by: actor, effects: effects, connection)
                return [
                    "restored": .integer(undone.restored), "remaining": .integer(undone.remaining),
                    "journey": try json(journey, try JourneyFigures.totals(connection)[id], connection),
                ]
            })
    }

    @Sendable private static func setStatus(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        let body = request.body
        let catchUp: JourneyCatchUp
        switch body["catch_up"]?.stringValue {
        case "spread": catchUp = .spread(hours: body["hours"]?.intValue ?? 24)
        case "expire": catchUp = .expire
        default: catchUp = .keep
        }
        return try await changed(context) { connection in
            switch body["status"]?.stringValue {
            case "paused": return try Journeys.pause(id, by: actor, connection, at: now)
            case "ended":
                let letsFinish = body["lets_finish"]?.boolValue ?? true
                return try Journeys.end(id, letsFinish: letsFinish, by: actor, connection, at: now)
            default: return try Journeys.resume(id, catchUp, by: actor, connection, at: now)
            }
        }
    }

    @Sendable private static func figures(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (figures, standing) = try await context.platform.store.read { connection in
            _ = try Journeys.get(id, connection)
            return (try JourneyFigures.load(id, connection), try Journeys.standing(id, connection))
        }
        return APIResponse([
            "entered": .integer(figures.entered), "goals": .integer(figures.goals),
            "endings": .object(figures.endings.mapValues { .integer($0) }),
            "nodes": .object(figures.nodes.mapValues { .object($0.mapValues { .integer($0) }) }),
            "standing": .array(
                standing.map { place in
                    [
                        "version_id": JSONValue(id: place.versionID), "node": .string(place.node),
                        "people": .integer(place.people), "failed": .integer(place.failed),
                    ]
                }),
        ])
    }

    private static func changed(
        _ context: APIContext, _ body: @escaping @Sendable (any SQLConnection) throws -> Journey
    ) async throws -> APIResponse {
        APIResponse(
            try await context.platform.store.write { connection in
                let journey = try body(connection)
                return try json(journey, try JourneyFigures.totals(connection)[journey.id], connection)
            })
    }

    private static func draft(_ body: JSONValue) -> JourneyDraft {
        JourneyDraft(
            name: body["name"]?.stringValue ?? "", description: body["description"]?.stringValue ?? "",
            definition: body["definition"]?.text() ?? "", priority: body["priority"]?.intValue)
    }

    private static func json(_ issues: [JourneyIssue]) -> JSONValue {
        .array(
            issues.map { issue in
                [
                    "node": .string(issue.node), "path": .string(issue.path), "code": .string(issue.code),
                    "message": .string(issue.english),
                ]
            })
    }

    static func json(
        _ journey: Journey, _ totals: (entered: Int64, goals: Int64, active: Int64)?, _ connection: any SQLConnection
    ) throws -> JSONValue {
        let draft = try Journeys.draft(journey.id, connection)
        let published = try Journeys.published(journey.id, connection)
        return [
            "id": JSONValue(id: journey.id), "name": .string(journey.name),
            "description": .string(journey.description), "status": .string(journey.status.rawValue),
            "draft": try draft.map { try JSONValue(parsing: $0.definition) } ?? .null,
            "draft_issues": json(try draft.map { try JourneyDefinition.sketch($0.definition).issues } ?? []),
            "published": try published.map { try JSONValue(parsing: $0.definition) } ?? .null,
            "published_version": JSONValue(published?.number),
            "revision": .string(try Journeys.revision(of: journey, connection)),
            "entered": .integer(totals?.entered ?? 0), "goals": .integer(totals?.goals ?? 0),
            "active": .integer(totals?.active ?? 0),
            "priority": .integer(journey.priority), "paused_at": JSONValue(journey.pausedAt),
            "created_at": JSONValue(journey.createdAt), "updated_at": JSONValue(journey.updatedAt),
        ]
    }
}
