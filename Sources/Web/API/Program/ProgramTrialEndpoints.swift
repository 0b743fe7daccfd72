import Engine
import Storage

/// What-if: versions tried on the brand's own history.
enum ProgramTrialEndpoints {
    private static let tag = "Program"
    private static let figures = APISchema.map(
        .object([
            APIField("issued", .integer()), APIField("taken_back", .integer()), APIField("redeemed", .integer()),
            APIField("expired", .integer()), APIField("outstanding", .integer(), "Owed in the end."),
        ]))
    private static let tierSide = APISchema.object([
        APIField("members", .map(.integer()), "By tier, in the end."),
        APIField("rises", .integer(), "On the way."), APIField("falls", .integer()),
    ])
    private static let result = APISchema.object([
        APIField("people", .integer(), "Members there are."), APIField("replayed", .integer(), "Of them, looked at."),
        APIField("orders", .integer()), APIField("events", .integer()),
        APIField("currency", .string(), "That differences are told in."),
        APIField("before", figures, "Of the people replayed, by the version in force, by currency."),
        APIField("after", figures, "By the version tried."),
        APIField("more", .integer(), "Members who would have got more."), APIField("less", .integer()),
        APIField("change", .integer(), "What all members together would get more or less."),
        APIField("change_error", .integer(), "How far off that may be, 95 in 100; 0 when nobody was left out."),
        APIField("has_events", .boolean, "False: the archive of events could not be asked."),
        .optional(
            "tiers",
            .object([
                APIField("before", tierSide, "With the program in force."),
                APIField("after", tierSide, "With the version tried."),
                APIField(
                    "moves",
                    .array(
                        .object([
                            APIField("from", .string()), APIField("to", .string()), APIField("members", .integer()),
                        ])), "Members who would have another tier in the end."),
            ]), "Of the people replayed; missing where there are no tiers."),
        APIField(
            "top",
            .array(
                .object([
                    APIField("profile_id", .id), APIField("before", .integer()), APIField("after", .integer()),
                ])), "Who differs most."),
    ])
    private static let trial = APISchema.named(
        "ProgramTrial",
        .object([
            APIField("id", .id), APIField("version_id", .id), APIField("job_id", .id, "For progress and cancel."),
            APIField("status", .words(ProgramTrial.Status.allCases.map(\.rawValue))),
            APIField("compared", .integer(), "The number of the version in force; 0: none."),
            APIField("from", .day), APIField("one_in", .integer()), APIField("position", .integer(), "End of history."),
            APIField("started_at", .timestamp), APIField("finished_at", .nullable(.timestamp)),
            APIField("hash", .nullable(.string()), "Of what was tried, where history ended, and what came out."),
            APIField("result", .nullable(result)),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/program/versions/{id}/trials", "startProgramTrial", tag: tag,
            "Replay history through a version, in the background.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")],
            body: .json(
                .object([
                    .optional("from", .day, "Facts from this day on; a year back unless told."),
                    .optional(
                        "one_in", .integer(1...ProgramTrials.oneInMax),
                        "One person in so many; all unless told. What is left out is estimated, with the error."),
                ])), status: .created, response: trial, handler: start),
        APIRoute(
            .get, "/api/v1/program/versions/{id}/trials", "listProgramTrials", tag: tag, "The newest first.",
            access: .scope(.loyaltyRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(trial))]), handler: list),
        APIRoute(
            .get, "/api/v1/program/trials/{id}", "getProgramTrial", tag: tag, "One trial with its result.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: trial, handler: get),
    ]

    @Sendable private static func start(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let from = request.body["from"]?.stringValue.flatMap { LocalCalendar.day(fromText: $0) }
        let oneIn = request.body["one_in"]?.intValue ?? 1
        let trial = try await context.platform.store.write { connection in
            let today = try Workspace.load(connection).calendar.day(of: effects.now())
            return try ProgramTrials.start(
                id, fromDay: from ?? today - 365, oneIn: oneIn, by: actor, effects: effects, connection)
        }
        return APIResponse(try json(trial), status: .created)
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let trials = try await context.platform.store.read { connection in
            _ = try ProgramVersions.get(id, connection)
            return try ProgramTrials.list(id, connection)
        }
        return APIResponse(["items": .array(try trials.map(json))])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(try json(try await context.platform.store.read { try ProgramTrials.get(id, $0) }))
    }

    private static func json(_ trial: ProgramTrial) throws -> JSONValue {
        [
            "id": JSONValue(id: trial.id), "version_id": JSONValue(id: trial.versionID),
            "job_id": JSONValue(id: trial.jobID), "status": .string(trial.status.rawValue),
            "compared": .integer(trial.compared), "from": .string(LocalCalendar.text(ofDay: trial.fromDay)),
            "one_in": .integer(trial.oneIn), "position": .integer(trial.position),
            "started_at": JSONValue(Timestamp(milliseconds: trial.startedMS)),
            "finished_at": JSONValue(trial.finishedMS.map { Timestamp(milliseconds: $0) }),
            "hash": JSONValue(trial.hash),
            "result": try trial.result.map { try JSONValue(parsing: StoredDocument.text($0)) } ?? .null,
        ]
    }
}
