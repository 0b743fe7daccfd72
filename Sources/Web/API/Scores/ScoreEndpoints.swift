import Engine
import Storage

/// Scores: models, who has how many points, what every point is for, and whether high scores buy.
enum ScoreEndpoints {
    private static let tag = "Scores"
    private static let grades = ScoreGrade.allCases.map(\.rawValue)
    private static let definition = APISchema.object(
        [APIField("rules", .array(.object([], isOpen: true)), "See docs/scores.md.")], isOpen: true)
    private static let model = APISchema.named(
        "ScoreModel",
        .object([
            APIField("id", .id), APIField("name", .string()), APIField("description", .string()),
            APIField("definition", .object([], isOpen: true)), APIField("version", .integer()),
            APIField("building", .boolean, "People are being weighed."),
            APIField("size", .integer(), "People with at least one receipt, as last counted."),
            APIField("created_at", .timestamp), APIField("updated_at", .timestamp),
            APIField("swept_on", .nullable(.day)),
            APIField("revision", .string(), "Of what people change, for `If-Match`."),
        ]))
    private static let draft = APISchema.object([
        APIField("name", .string(min: 1, max: 80)), .optional("description", .string(max: 500)),
        APIField("definition", definition),
    ])
    private static let score = APISchema.object([
        APIField("model_id", .id), APIField("total", .number), APIField("fit", .number),
        APIField("engagement", .number), APIField("grade", .words(grades)), APIField("day", .day),
    ])
    private static let receipt = APISchema.object([
        APIField("rule", .string()), APIField("dimension", .words(ScoreRule.Dimension.allCases.map(\.rawValue))),
        APIField("group", .string()), APIField("day", .nullable(.day), "Null: it holds now and does not fade."),
        APIField("count", .integer()), APIField("earned", .number),
        APIField("counted", .number, "After the limits of a day."),
        APIField("weight", .number, "What is left of it, of 1."), APIField("cut", .number, "By the group's limit."),
        APIField("points", .number),
    ])
    private static let person = APISchema.object([
        APIField("profile_id", .id), APIField("total", .number), APIField("fit", .number),
        APIField("engagement", .number), APIField("grade", .words(grades)),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/scores", "listScoreModels", tag: tag, "All models, by name.",
            access: .scope(.segmentsRead), response: .object([APIField("items", .array(model))]), handler: list),
        APIRoute(
            .post, "/api/v1/scores", "createScoreModel", tag: tag,
            "Add a model; people are weighed in the background.", access: .scope(.segmentsWrite), body: .json(draft),
            status: .created, response: model, handler: create),
        APIRoute(
            .get, "/api/v1/scores/{id}", "getScoreModel", tag: tag, "One model.", access: .scope(.segmentsRead),
            parameters: [.path("id")], response: model, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/scores/{id}", "updateScoreModel", tag: tag, "Change a model.",
            access: .scope(.segmentsWrite), parameters: [.path("id")], body: .json(draft), response: model,
            isRevised: true, handler: update),
        APIRoute(
            .delete, "/api/v1/scores/{id}", "deleteScoreModel", tag: tag,
            "Delete a model that no definition asks for.", access: .scope(.segmentsWrite), parameters: [.path("id")],
            response: .object([]), isRevised: true, handler: delete),
        APIRoute(
            .get, "/api/v1/scores/{id}/people", "listScoredPeople", tag: tag, "The highest first.",
            access: .scope(.segmentsRead),
            parameters: [.path("id"), .query("grade", .words(grades)), .query("limit", .integer(1...200))],
            response: .object([APIField("items", .array(person))]), handler: people),
        APIRoute(
            .get, "/api/v1/scores/{id}/distribution", "getScoreDistribution", tag: tag,
            "How many people have how many points, and which grade.", access: .scope(.segmentsRead),
            parameters: [.path("id")],
            response: .object([
                APIField("width", .integer(), "Points of one step."), APIField("without", .integer(), "No receipt."),
                APIField(
                    "steps", .array(.object([APIField("from", .integer()), APIField("people", .integer())]))),
                APIField(
                    "grades", .array(.object([APIField("grade", .words(grades)), APIField("people", .integer())]))),
            ]), handler: distribution),
        APIRoute(
            .get, "/api/v1/scores/{id}/effect", "getScoreEffect", tag: tag,
            "Do high scores buy? People in ten parts as they were scored 30 days ago, and who ordered since.",
            access: .scope(.segmentsRead), parameters: [.path("id")],
            response: .object([
                APIField("as_of", .day), APIField("days_after", .integer()), APIField("people", .integer()),
                APIField("bought", .integer()), APIField("rate", .number), APIField("auc", .nullable(.number)),
                APIField("one_in", .integer()), APIField("left_out", .array(.string())),
                APIField(
                    "parts",
                    .array(
                        .object([
                            APIField("part", .integer()), APIField("people", .number), APIField("bought", .number),
                            APIField("mean_score", .number), APIField("rate", .number), APIField("lift", .number),
                        ]))),
            ]), handler: effect),
        APIRoute(
            .get, "/api/v1/profiles/{id}/scores", "listProfileScores", tag: tag, "The scores of one person.",
            access: .scope(.segmentsRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(score))]), handler: ofProfile),
        APIRoute(
            .get, "/api/v1/profiles/{id}/scores/{model_id}", "getProfileScore", tag: tag,
            "One score with a receipt for every point; its total is their sum.", access: .scope(.segmentsRead),
            parameters: [.path("id"), .path("model_id")],
            response: .object([
                APIField("total", .number), APIField("fit", .number), APIField("engagement", .number),
                APIField("grade", .words(grades)), APIField("receipts", .array(receipt)),
            ]), handler: receipts),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let models = try await context.platform.store.read { try ScoreModels.list($0) }
        return APIResponse(["items": .array(try models.map(json))])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let draft = draft(request.body)
        return try await change(request, context, "create") { try ScoreModels.create(draft, effects: $0, $1) }
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, draft) = (try request.id("id"), draft(request.body))
        return try await change(request, context, "update") { effects, connection in
            try request.match(try ScoreModels.get(id, connection).revision)
            return try ScoreModels.update(id, draft, effects: effects, connection)
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        try await context.platform.store.write { connection in
            let model = try ScoreModels.get(id, connection)
            try request.match(try model.revision)
            try ScoreModels.delete(id, effects: effects, connection)
            try note("delete", model, actor, effects.now(), connection)
        }
        return APIResponse([:])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let model = try await context.platform.store.read { try ScoreModels.get(id, $0) }
        return APIResponse(try json(model), at: try model.revision)
    }

    @Sendable private static func people(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, limit) = (try request.id("id"), Int(request.int("limit") ?? 50))
        let grade = request.string("grade").flatMap(ScoreGrade.init)
        let people = try await context.platform.store.read { connection in
            _ = try ScoreModels.get(id, connection)
            return try ScoreRows.people(id, grade: grade, limit: limit, connection)
        }
        return APIResponse([
            "items": .array(
                people.map { person in
                    .object(
                        points(person.score).merging(["profile_id": JSONValue(id: person.profileID)]) { $1 })
                })
        ])
    }

    @Sendable private static func distribution(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let id = try request.id("id")
        let spread = try await context.platform.store.read { try ScoreDistribution.load(id, $0) }
        return APIResponse([
            "width": .integer(spread.width), "without": .integer(spread.without),
            "steps": .array(spread.steps.map { ["from": .integer($0.from), "people": .integer($0.people)] }),
            "grades": .array(
                spread.grades.map { ["grade": .string($0.grade.rawValue), "people": .integer($0.people)] }),
        ])
    }

    @Sendable private static func effect(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let effect = try await ScoreEffect.measure(try request.id("id"), context.platform)
        return APIResponse([
            "as_of": .string(LocalCalendar.text(ofDay: effect.day)), "days_after": .integer(effect.daysAfter),
            "people": .integer(Int64(effect.lift.people)), "bought": .integer(Int64(effect.lift.acted)),
            "rate": .number(effect.lift.rate), "auc": effect.lift.auc.map { .number($0) } ?? .null,
            "one_in": .integer(effect.oneIn), "left_out": .array(effect.leftOut.map(JSONValue.string)),
            "parts": .array(
                effect.lift.parts.map { part in
                    [
                        "part": .integer(Int64(part.number)), "people": .number(part.people),
                        "bought": .number(part.acted), "mean_score": .number(part.meanScore),
                        "rate": .number(part.rate), "lift": .number(part.lift),
                    ]
                }),
        ])
    }

    @Sendable private static func ofProfile(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let scores = try await context.platform.store.read { connection in
            let living = try ProfileDetail.resolve(id, connection)
            return try ScoreRows.scores(of: [living], connection)[living] ?? []
        }
        return APIResponse([
            "items": .array(
                scores.map { score in
                    .object(
                        points(score).merging([
                            "model_id": JSONValue(id: score.modelID),
                            "day": .string(LocalCalendar.text(ofDay: score.day)),
                        ]) { $1 })
                })
        ])
    }

    @Sendable private static func receipts(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, model) = (try request.id("id"), try request.id("model_id"))
        let told = try await ScoreExplanation.load(id, model: model, context.platform)
        func number(_ thousandths: Int64) -> JSONValue { .number(Double(thousandths) / 1000) }
        return APIResponse([
            "total": number(told.card.total), "fit": number(told.card.fit),
            "engagement": number(told.card.engagement), "grade": .string(told.grade.rawValue),
            "receipts": .array(
                told.card.receipts.map { receipt in
                    [
                        "rule": .string(receipt.ruleID), "dimension": .string(receipt.dimension.rawValue),
                        "group": .string(receipt.group),
                        "day": receipt.day.map { .string(LocalCalendar.text(ofDay: $0)) } ?? .null,
                        "count": .integer(receipt.count), "earned": number(receipt.earned),
                        "counted": number(receipt.counted),
                        "weight": .number(Double(receipt.weight) / Double(ScoreDecay.one)),
                        "cut": number(receipt.cut), "points": number(receipt.points),
                    ]
                }),
        ])
    }

    private static func points(_ score: ProfileScore) -> [String: JSONValue] {
        [
            "total": .number(Double(score.total) / 1000), "fit": .number(Double(score.fit) / 1000),
            "engagement": .number(Double(score.engagement) / 1000), "grade": .string(score.grade.rawValue),
        ]
    }

    private static func change(
        _ request: APIRequest, _ context: APIContext, _ verb: String,
        _ body: @escaping @Sendable (Effects, any SQLConnection) throws -> ScoreModel
    ) async throws -> APIResponse {
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let model = try await context.platform.store.write { connection in
            let model = try body(effects, connection)
            try note(verb, model, actor, effects.now(), connection)
            return model
        }
        return APIResponse(try json(model), at: try model.revision)
    }

    private static func note(
        _ verb: String, _ model: ScoreModel, _ actor: String, _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "score.\(verb)", subject: "score:\(model.id)", detail: model.name, connection,
            at: now)
    }

    private static func draft(_ body: JSONValue) -> ScoreDraft {
        ScoreDraft(
            name: body["name"]?.stringValue ?? "", description: body["description"]?.stringValue ?? "",
            definition: body["definition"]?.text() ?? "{}")
    }

    private static func json(_ model: ScoreModel) throws -> JSONValue {
        [
            "id": JSONValue(id: model.id), "name": .string(model.name), "description": .string(model.description),
            "definition": try JSONValue(parsing: model.definition), "version": .integer(model.version),
            "building": .bool(model.isBuilding), "size": .integer(model.size),
            "created_at": JSONValue(milliseconds: model.createdMS),
            "updated_at": JSONValue(milliseconds: model.updatedMS),
            "swept_on": model.sweptDay.map { .string(LocalCalendar.text(ofDay: $0)) } ?? .null,
            "revision": .string(try model.revision.text),
        ]
    }
}
