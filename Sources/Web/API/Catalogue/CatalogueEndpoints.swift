import Engine

/// What was ever seen and what was declared of it.
enum CatalogueEndpoints {
    private static let tag = "Catalogue"
    private static let types = FieldType.allCases.map(\.rawValue)
    private static let nameParameter = APIParameter.path("name", .string(min: 1, max: 200))

    private static let revision = APIField("revision", .string(), "Of the declaration, for `If-Match`.")

    private static let event = APISchema.named(
        "CatalogueEvent",
        .object([
            APIField("name", .string()), APIField("first_seen_at", .timestamp), APIField("last_seen_at", .timestamp),
            APIField("volume", .integer()), APIField("example", .string()), APIField("description", .string()),
            APIField("is_declared", .boolean), APIField("is_blocked", .boolean), revision,
        ]))
    private static let field = APISchema.named(
        "CatalogueField",
        .object([
            APIField("name", .string()), APIField("seen_type", .words(types)),
            APIField("declared_type", .nullable(.words(types))),
            APIField("trait_class", .nullable(.words(ProfileSchemas.traitClasses)), "Traits only."),
            APIField("is_personal", .boolean), APIField("is_required", .boolean), APIField("is_blocked", .boolean),
            APIField("first_seen_at", .timestamp), APIField("last_seen_at", .timestamp), APIField("volume", .integer()),
            APIField("example", .string()), APIField("description", .string()), revision,
        ]))
    private static let violation = APISchema.named(
        "CatalogueViolation",
        .object([
            APIField("owner", .string(), "`trait`, or `event:` and the event's name."), APIField("name", .string()),
            APIField("rule", .words(CatalogueRule.allCases.map(\.rawValue))), APIField("volume", .integer()),
            APIField("first_seen_at", .timestamp), APIField("last_seen_at", .timestamp), APIField("example", .string()),
        ]))
    private static let description = APIField.optional("description", .string(max: 500))
    private static let declaration = APISchema.object([
        .optional("type", .nullable(.words(types))),
        .optional("trait_class", .nullable(.words(ProfileSchemas.traitClasses)), "Traits only."),
        .optional("is_personal", .boolean), .optional("is_required", .boolean), .optional("is_blocked", .boolean),
        description,
    ])
    private static let done = APISchema.object([APIField("name", .string()), APIField("declared", .boolean), revision])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/catalogue/events", "listCatalogueEvents", tag: tag, "Event names, the busiest first.",
            access: .scope(.catalogueRead), response: .object([APIField("items", .array(event))]), handler: events),
        APIRoute(
            .put, "/api/v1/catalogue/events/{name}", "declareEvent", tag: tag, "Declare or block an event name.",
            access: .scope(.catalogueWrite), parameters: [nameParameter],
            body: .json(.object([description, .optional("is_blocked", .boolean)])), response: done,
            isRevised: true, handler: declareEvent),
        APIRoute(
            .get, "/api/v1/catalogue/events/{name}/properties", "listCatalogueProperties", tag: tag,
            "The properties of an event name.", access: .scope(.catalogueRead), parameters: [nameParameter],
            response: .object([APIField("items", .array(field))]), handler: properties),
        APIRoute(
            .put, "/api/v1/catalogue/events/{name}/properties/{property}", "declareProperty", tag: tag,
            "Declare a property of an event.", access: .scope(.catalogueWrite),
            parameters: [nameParameter, .path("property", .string(min: 1, max: 200))], body: .json(declaration),
            response: done, isRevised: true, handler: declareProperty),
        APIRoute(
            .get, "/api/v1/catalogue/traits", "listCatalogueTraits", tag: tag, "The traits of people.",
            access: .scope(.catalogueRead), response: .object([APIField("items", .array(field))]), handler: traits),
        APIRoute(
            .put, "/api/v1/catalogue/traits/{name}", "declareTrait", tag: tag, "Declare a trait.",
            access: .scope(.catalogueWrite), parameters: [nameParameter], body: .json(declaration), response: done,
            isRevised: true, handler: declareTrait),
        APIRoute(
            .get, "/api/v1/catalogue/violations", "listViolations", tag: tag,
            "What came in against the declarations, newest first.", access: .scope(.catalogueRead),
            response: .object([APIField("items", .array(violation))]), handler: violations),
    ]

    @Sendable private static func events(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let events = try await context.platform.store.read { try CatalogueList.events($0) }
        return APIResponse([
            "items": .array(
                try events.map {
                    [
                        "name": .string($0.name), "first_seen_at": JSONValue(milliseconds: $0.firstSeenMS),
                        "last_seen_at": JSONValue(milliseconds: $0.lastSeenMS), "volume": .integer($0.volume),
                        "example": .string($0.example), "description": .string($0.description),
                        "is_declared": .bool($0.isDeclared), "is_blocked": .bool($0.isBlocked),
                        "revision": .string(try Revision(of: CatalogueEditing.Standing($0)).text),
                    ]
                })
        ])
    }

    @Sendable private static func properties(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let name = request.string("name") ?? ""
        let fields = try await context.platform.store.read { try CatalogueList.properties(of: name, $0) }
        return APIResponse(["items": .array(try fields.map(json))])
    }

    @Sendable private static func traits(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let fields = try await context.platform.store.read { try CatalogueList.traits($0) }
        return APIResponse(["items": .array(try fields.map(json))])
    }

    @Sendable private static func violations(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let found = try await context.platform.store.read { try CatalogueList.violations($0) }
        return APIResponse([
            "items": .array(
                found.map {
                    [
                        "owner": .string($0.owner), "name": .string($0.name), "rule": .string($0.rule.rawValue),
                        "volume": .integer($0.volume), "first_seen_at": JSONValue(milliseconds: $0.firstSeenMS),
                        "last_seen_at": JSONValue(milliseconds: $0.lastSeenMS), "example": .string($0.example),
                    ]
                })
        ])
    }

    @Sendable private static func declareEvent(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let declaration = Declare.EventDeclaration(
            name: request.string("name") ?? "", description: request.body["description"]?.stringValue ?? "",
            isBlocked: request.body["is_blocked"]?.boolValue ?? false)
        let (now, actor) = (context.platform.effects.now(), request.caller.actor)
        let revision = try await context.platform.store.write { connection in
            try request.match(try CatalogueEditing.revision(ofEvent: declaration.name, connection))
            try Declare.event(declaration, at: now, connection)
            try AuditLog.append(
                actor: actor, action: "catalogue.declare", subject: "event:\(declaration.name)", detail: "", connection,
                at: now)
            return try CatalogueEditing.revision(ofEvent: declaration.name, connection)
        }
        return answer(declaration.name, revision)
    }

    @Sendable private static func declareProperty(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let owner = CatalogueDeclarations.owner(ofEvent: request.string("name") ?? "")
        return try await declare(owner, request.string("property") ?? "", request, context)
    }

    @Sendable private static func declareTrait(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        try await declare(CatalogueDeclarations.traitOwner, request.string("name") ?? "", request, context)
    }

    private static func declare(
        _ owner: String, _ name: String, _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let body = request.body
        let declaration = Declare.FieldDeclaration(
            owner: owner, name: name, type: body["type"]?.stringValue.flatMap(FieldType.init(rawValue:)),
            traitClass: body["trait_class"]?.stringValue.flatMap(TraitClass.init(rawValue:)),
            isPersonal: body["is_personal"]?.boolValue ?? false, isRequired: body["is_required"]?.boolValue ?? false,
            isBlocked: body["is_blocked"]?.boolValue ?? false, description: body["description"]?.stringValue ?? "")
        let (now, actor) = (context.platform.effects.now(), request.caller.actor)
        let revision = try await context.platform.store.write { connection in
            try request.match(try CatalogueEditing.revision(of: owner, name, connection))
            try Declare.field(declaration, at: now, connection)
            try AuditLog.append(
                actor: actor, action: "catalogue.declare", subject: "\(owner).\(name)", detail: "", connection, at: now)
            return try CatalogueEditing.revision(of: owner, name, connection)
        }
        return answer(name, revision)
    }

    private static func answer(_ name: String, _ revision: Revision?) -> APIResponse {
        let body: JSONValue = [
            "name": .string(name), "declared": true, "revision": .string(revision?.text ?? ""),
        ]
        return revision.map { APIResponse(body, at: $0) } ?? APIResponse(body)
    }

    private static func json(_ field: CatalogueList.Field) throws -> JSONValue {
        [
            "name": .string(field.name), "seen_type": .string(field.seenType.rawValue),
            "declared_type": JSONValue(field.declaredType?.rawValue),
            "trait_class": JSONValue(field.traitClass?.rawValue), "is_personal": .bool(field.isPersonal),
            "is_required": .bool(field.isRequired), "is_blocked": .bool(field.isBlocked),
            "first_seen_at": JSONValue(milliseconds: field.firstSeenMS),
            "last_seen_at": JSONValue(milliseconds: field.lastSeenMS), "volume": .integer(field.volume),
            "example": .string(field.example), "description": .string(field.description),
            "revision": .string(try Revision(of: CatalogueEditing.Standing(field)).text),
        ]
    }
}
