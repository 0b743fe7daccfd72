import Engine
import Storage

/// Experiments: defined once, started, met by people, judged.
enum ExperimentEndpoints {
    private static let tag = "Experiments"
    private static let path = "/api/v1/experiments/{id}"

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/experiments", "listExperiments", tag: tag, "All experiments, the newest first.",
            access: .scope(.experimentsRead),
            response: .object([APIField("items", .array(ExperimentSchemas.experiment))]), handler: list),
        APIRoute(
            .post, "/api/v1/experiments", "createExperiment", tag: tag, "Draft an experiment.",
            access: .scope(.experimentsWrite), body: .json(.object(ExperimentSchemas.definition)), status: .created,
            response: ExperimentSchemas.experiment, handler: create),
        APIRoute(
            .get, path, "getExperiment", tag: tag, "One experiment.", access: .scope(.experimentsRead),
            parameters: [.path("id")], response: ExperimentSchemas.experiment, isRevised: true, handler: get),
        APIRoute(
            .put, path, "updateExperiment", tag: tag,
            "Change a draft; of an experiment that has begun only name and hypothesis.",
            access: .scope(.experimentsWrite), parameters: [.path("id")],
            body: .json(.object(ExperimentSchemas.definition)), response: ExperimentSchemas.experiment,
            isRevised: true, handler: update),
        APIRoute(
            .delete, path, "deleteExperiment", tag: tag, "Delete a draft.", access: .scope(.experimentsWrite),
            parameters: [.path("id")], response: .object([]), isRevised: true, handler: delete),
        APIRoute(
            .post, path + "/steps", "stepExperiment", tag: tag,
            "Start, stop or decide an experiment; being there already changes nothing.",
            access: .scope(.experimentsWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("state", .words(["running", "stopped", "decided"])),
                    .optional(
                        "reason", .string(max: ExperimentLimits.reasonCharacters), "Needed to stop and to decide."),
                    .optional("variant", .nullable(.string()), "Of a decision: what stays; null: nothing changes."),
                ])), response: ExperimentSchemas.experiment, handler: step),
        APIRoute(
            .post, path + "/assignments", "assignExperiment", tag: tag,
            "Give people their variant, and record that they meet it: once a person, as the event `Experiment Exposed`.",
            access: .scope(.experimentsWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("profile_ids", .array(.id, count: 1...ExperimentLimits.peopleMax)),
                    .optional("record", .boolean, "false: only tell, record nothing."),
                ])), response: .object([APIField("items", .array(ExperimentSchemas.answer))]), handler: assign),
        APIRoute(
            .get, path + "/result", "getExperimentResult", tag: tag, "What it shows so far.",
            access: .scope(.experimentsRead), parameters: [.path("id")], response: ExperimentSchemas.result,
            handler: result),
        APIRoute(
            .get, path + "/breakdown", "getExperimentBreakdown", tag: tag,
            "One metric by what people were when they met their variant.", access: .scope(.experimentsRead),
            parameters: [
                .path("id"), .query("by", .words(ExperimentBreakdown.dimensions), "The dimension.", required: true),
                .query("metric", .string(), "`primary` unless told; `guardrail_0`, `secondary_0`, …"),
            ], response: ExperimentSchemas.breakdown, handler: breakdown),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let experiments = try await context.platform.store.read { try Experiments.list($0) }
        return APIResponse(["items": .array(try experiments.map(ExperimentSchemas.json))])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (actor, effects) = (request.caller.actor, context.platform.effects)
        let definition = try ExperimentDefinition(request.body)
        return try answer(
            try await context.platform.store.write {
                try Experiments.create(definition, by: actor, effects, $0)
            })
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return try answer(try await context.platform.store.read { try Experiments.get(id, $0) })
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        let definition = try ExperimentDefinition(request.body)
        return try answer(
            try await context.platform.store.write { connection in
                try request.match(try Experiments.get(id, connection).revision)
                return try Experiments.update(id, definition, by: actor, at: now, connection)
            })
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { connection in
            try request.match(try Experiments.get(id, connection).revision)
            try Experiments.delete(id, by: actor, at: now, connection)
        }
        return APIResponse([:])
    }

    @Sendable private static func step(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, actor) = (try request.id("id"), request.body, request.caller.actor)
        let now = context.platform.effects.now()
        let state = body["state"]?.stringValue.flatMap(Experiment.State.init(rawValue:)) ?? .draft
        return try answer(
            try await context.platform.store.write {
                try Experiments.step(
                    id, to: state, reason: body["reason"]?.stringValue ?? "", variant: body["variant"]?.stringValue,
                    by: actor, at: now, $0)
            })
    }

    @Sendable private static func assign(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let people = (request.body["profile_ids"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { Int64($0) } }
        let answers = try await Exposures.assign(
            try request.id("id"), to: people, records: request.body["record"]?.boolValue ?? true, context.platform)
        return APIResponse(["items": .array(answers.map(ExperimentSchemas.json))])
    }

    @Sendable private static func result(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        APIResponse(ExperimentSchemas.json(try await ExperimentResult.load(try request.id("id"), context.platform)))
    }

    @Sendable private static func breakdown(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let breakdown = try await ExperimentBreakdown.load(
            try request.id("id"), by: request.string("by") ?? "", metric: request.string("metric") ?? "primary",
            context.platform)
        return APIResponse(ExperimentSchemas.json(breakdown))
    }

    private static func answer(_ experiment: Experiment) throws -> APIResponse {
        APIResponse(try ExperimentSchemas.json(experiment), at: try experiment.revision)
    }
}
