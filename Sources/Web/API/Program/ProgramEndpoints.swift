import Engine
import Storage

/// The program in its versions: drafts, their way to being in force, and the kinds of rules that there are.
enum ProgramEndpoints {
    private static let tag = "Program"
    private static let note = APISchema.object([
        .optional("note", .string(max: ProgramLimits.noteCharacters), "Why; kept with the version.")
    ])
    private static let draft: [APIField] = [
        APIField("title", .string(min: 1, max: ProgramLimits.titleCharacters)),
        APIField("document", ProgramSchemas.document, "See docs/program.md."),
    ]
    private static let detail = APISchema.object([
        APIField("version", ProgramSchemas.version), APIField("steps", .array(ProgramSchemas.step)),
        APIField("warnings", .array(ProgramSchemas.warning), "What can be said and hardly be meant."),
    ])
    private static let part = APISchema.object([
        APIField("field", .string()), APIField("input", .string()), APIField("label", .string()),
    ])
    private static let form = APISchema.object([
        APIField("kind", .string()), APIField("title", .string()), APIField("group", .string()),
        APIField("parts", .array(part)),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/program", "getProgram", tag: tag, "The version in force.", access: .scope(.loyaltyRead),
            response: ProgramSchemas.version, handler: inForce),
        APIRoute(
            .get, "/api/v1/program/versions", "listProgramVersions", tag: tag, "The newest first.",
            access: .scope(.loyaltyRead), response: .object([APIField("items", .array(ProgramSchemas.version))]),
            handler: list),
        APIRoute(
            .post, "/api/v1/program/versions", "createProgramVersion", tag: tag, "Begin a draft.",
            access: .scope(.loyaltyWrite),
            body: .json(.object(draft + [.optional("based_on", .integer(1...Int64.max), "A version's number.")])),
            status: .created, response: ProgramSchemas.version, handler: create),
        APIRoute(
            .get, "/api/v1/program/versions/{id}", "getProgramVersion", tag: tag,
            "One version, what was done to it, and what looks wrong with it.", access: .scope(.loyaltyRead),
            parameters: [.path("id")], response: detail, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/program/versions/{id}", "updateProgramVersion", tag: tag, "Change a draft.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")], body: .json(.object(draft)),
            response: ProgramSchemas.version, isRevised: true, handler: update),
        APIRoute(
            .delete, "/api/v1/program/versions/{id}", "deleteProgramVersion", tag: tag, "Throw a draft away.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")], response: .object([]), isRevised: true,
            handler: delete),
        step("submission", "submitProgramVersion", "Ask somebody else to look at a draft.", .submit),
        step("approval", "approveProgramVersion", "Approve it; not by who submitted or last edited it.", .approve),
        step("rejection", "rejectProgramVersion", "Give it back as a draft, with a reason.", .reject),
        step("publication", "publishProgramVersion", "Put an approved version in force.", .publish),
        step("retirement", "retireProgramVersion", "End the program: nothing earns points any more.", .retire),
        APIRoute(
            .get, "/api/v1/program/rule-types", "listEarningRuleTypes", tag: tag,
            "The kinds of rules and of conditions, with the parts that each has.", access: .scope(.loyaltyRead),
            response: .object([APIField("rules", .array(form)), APIField("conditions", .array(form))]),
            handler: types),
    ]

    private static func step(
        _ path: String, _ operation: String, _ summary: String, _ verb: ProgramStep.Verb
    ) -> APIRoute {
        APIRoute(
            .post, "/api/v1/program/versions/{id}/\(path)", operation, tag: tag, summary,
            access: .scope(.loyaltyWrite), parameters: [.path("id")], body: .json(note), status: .created,
            response: ProgramSchemas.version
        ) { request, context in
            let (id, note) = (try request.id("id"), request.body["note"]?.stringValue ?? "")
            return try await change(request, context, verb.rawValue) { actor, effects, connection in
                try ProgramVersions.perform(verb, id, by: actor, note: note, at: effects.now(), connection)
            }
        }
    }

    private static func change(
        _ request: APIRequest, _ context: APIContext, _ verb: String,
        _ body: @escaping @Sendable (String, Effects, any SQLConnection) throws -> ProgramVersion
    ) async throws -> APIResponse {
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let version = try await context.platform.store.write { connection in
            let version = try body(actor, effects, connection)
            try AuditLog.append(
                actor: actor, action: "program.\(verb)", subject: "program:\(version.id)", detail: version.title,
                connection, at: effects.now())
            return version
        }
        return APIResponse(
            try ProgramSchemas.json(version), status: verb == "edit" ? .ok : .created,
            headers: [.eTag: try version.revision.tag])
    }

    @Sendable private static func inForce(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        guard let version = try await context.platform.store.read({ try ProgramVersions.published($0) }) else {
            throw Problem.notFound("program")
        }
        return APIResponse(try ProgramSchemas.json(version))
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let versions = try await context.platform.store.read { try ProgramVersions.list($0) }
        return APIResponse(["items": .array(try versions.map(ProgramSchemas.json))])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let (version, steps, warnings) = try await context.platform.store.read { connection in
            let version = try ProgramVersions.get(id, connection)
            return (
                version, try ProgramVersions.steps(of: id, connection),
                try ProgramVersions.warnings(version.document, at: now, connection)
            )
        }
        return APIResponse(
            [
                "version": try ProgramSchemas.json(version), "steps": .array(steps.map(ProgramSchemas.json)),
                "warnings": .array(warnings.map(ProgramSchemas.json)),
            ], at: try version.revision)
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (title, document) = read(request)
        let based = request.body["based_on"]?.intValue
        return try await change(request, context, "create") { actor, effects, connection in
            try ProgramVersions.create(
                title: title, document: document, basedOn: based, by: actor, effects: effects, connection)
        }
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, (title, document)) = (try request.id("id"), read(request))
        return try await change(request, context, "edit") { actor, effects, connection in
            try request.match(try ProgramVersions.get(id, connection).revision)
            return try ProgramVersions.update(
                id, title: title, document: document, by: actor, at: effects.now(), connection)
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        try await context.platform.store.write { connection in
            let version = try ProgramVersions.get(id, connection)
            try request.match(try version.revision)
            try ProgramVersions.delete(id, connection)
            try AuditLog.append(
                actor: actor, action: "program.delete", subject: "program:\(id)", detail: version.title, connection,
                at: effects.now())
        }
        return APIResponse([:])
    }

    @Sendable private static func types(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        func json(_ kind: String, _ form: CriteriaForm) -> JSONValue {
            [
                "kind": .string(kind), "title": .string(form.english), "group": .string(form.group),
                "parts": .array(
                    form.parts.map {
                        ["field": .string($0.field), "input": .string($0.input), "label": .string($0.english)]
                    }),
            ]
        }
        return APIResponse([
            "rules": .array(EarningRuleCatalog.all.map { json($0.kind, $0.form) }),
            "conditions": .array(EarningConditionCatalog.all.map { json($0.kind, $0.form) }),
        ])
    }

    private static func read(_ request: APIRequest) -> (title: String, document: String) {
        (request.body["title"]?.stringValue ?? "", (request.body["document"] ?? [:]).text())
    }
}
