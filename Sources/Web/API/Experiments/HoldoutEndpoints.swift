import Engine
import Storage

/// The global holdout, what one person takes part in, and how many people an experiment needs.
enum HoldoutEndpoints {
    private static let tag = "Experiments"
    private static let holdout = APISchema.object([
        APIField("share", .integer(0...Holdout.shareMax), "Of ten thousand people."),
        APIField("since", .nullable(.timestamp)),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/holdout", "getHoldout", tag: tag, "Whom nothing that is tried reaches.",
            access: .scope(.experimentsRead), response: holdout, handler: get),
        APIRoute(
            .put, "/api/v1/holdout", "setHoldout", tag: tag,
            "Set the share; raising it adds people and lets nobody out.", access: .scope(.experimentsWrite),
            body: .json(
                .object([
                    APIField("share", .integer(0...Holdout.shareMax), "Of ten thousand people."),
                    .optional("redraw", .boolean, "Choose other people."),
                ])), response: holdout, handler: set),
        APIRoute(
            .get, "/api/v1/profiles/{id}/experiments", "listProfileExperiments", tag: tag,
            "What a person takes part in, and whether they are held out of everything.",
            access: .scope(.experimentsRead), parameters: [.path("id")],
            response: .object([
                APIField("held_out", .boolean),
                APIField(
                    "items",
                    .array(
                        .object([
                            APIField("experiment_id", .id), APIField("name", .string()), APIField("variant", .string()),
                            APIField("state", ExperimentSchemas.state), APIField("exposed_at", .timestamp),
                        ]))),
            ]), handler: ofPerson),
        APIRoute(
            .post, "/api/v1/sample-sizes", "planExperiment", tag: tag,
            "How many people an experiment needs to show a lift.", access: .scope(.experimentsRead),
            body: .json(
                .object([
                    APIField("baseline", .number, "A rate from 0 to 1, or with `deviation` a mean."),
                    .optional("deviation", .nullable(.number), "Spread of single people's values around the mean."),
                    APIField("lift", .number, "The least worth seeing, as a share of the baseline."),
                    .optional("variants", .integer(2...8)), .optional("confidence", .integer(80...99)),
                    .optional("power", .number), .optional("weekly_people", .integer(0...ExperimentPlan.weeklyMax)),
                    .optional("looks", .integer(1...20)),
                ])),
            response: .object([
                APIField("people_each", .integer()), APIField("people_all", .integer()),
                APIField("weeks", .nullable(.integer())),
                APIField("detectable_lift_by_week", .array(.nullable(.number))),
                APIField("look_bounds", .array(.number), "How far z must be from 0 to stop at each look."),
            ]), handler: plan),
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        answer(try await context.platform.store.read { try Holdout.load($0) })
    }

    @Sendable private static func set(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, effects) = (request.body, request.caller.actor, context.platform.effects)
        return answer(
            try await context.platform.store.write {
                try Holdout.save(
                    share: body["share"]?.intValue ?? 0, redraws: body["redraw"]?.boolValue ?? false, by: actor,
                    effects, $0)
            })
    }

    private static func answer(_ holdout: Holdout) -> APIResponse {
        APIResponse(["share": .integer(holdout.share), "since": JSONValue(holdout.since)])
    }

    @Sendable private static func ofPerson(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (isHeldOut, met) = try await context.platform.store.read { connection in
            let living = try ProfileDetail.resolve(id, connection)
            return (try Experiments.isHeldOut(living, connection), try Exposures.of(living, connection))
        }
        return APIResponse([
            "held_out": .bool(isHeldOut),
            "items": .array(
                met.map {
                    [
                        "experiment_id": JSONValue(id: $0.experiment.id),
                        "name": .string($0.experiment.definition.name), "variant": .string($0.variant),
                        "state": .string($0.experiment.state.rawValue), "exposed_at": JSONValue($0.at),
                    ]
                }),
        ])
    }

    @Sendable private static func plan(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        func number(_ name: String) -> Double? { body[name]?.doubleValue ?? body[name]?.intValue.map { Double($0) } }
        let baseline = number("baseline") ?? 0
        let plan = try ExperimentPlan(
            number("deviation").map { ExperimentPlan.Value.mean(baseline, deviation: $0) } ?? .rate(baseline),
            lift: number("lift") ?? 0,
            variants: Int(body["variants"]?.intValue ?? 2), confidence: body["confidence"]?.intValue ?? 95,
            power: number("power") ?? 0.8, weeklyPeople: body["weekly_people"]?.intValue ?? 0,
            looks: Int(body["looks"]?.intValue ?? 1))
        return APIResponse([
            "people_each": .integer(plan.peopleEach), "people_all": .integer(plan.peopleAll),
            "weeks": JSONValue(plan.weeksNeeded),
            "detectable_lift_by_week": .array(plan.curve.map { JSONValue($0) }),
            "look_bounds": .array(plan.bounds.map { .number($0) }),
        ])
    }
}
