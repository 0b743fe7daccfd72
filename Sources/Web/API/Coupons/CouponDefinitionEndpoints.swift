import Engine
import Storage

/// Definitions of coupons: campaigns in versions, with what is printed.
enum CouponDefinitionEndpoints {
    private static let tag = "Coupons"
    private static let fields: [APIField] = [
        APIField("name", .string(min: 1, max: CouponLimits.nameCharacters)), APIField("rule", CouponSchemas.rule),
    ]

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/coupons/definitions", "listCouponDefinitions", tag: tag, "The newest first.",
            access: .scope(.loyaltyRead), parameters: APIParameter.paging,
            response: .page(of: CouponSchemas.definition), handler: list),
        APIRoute(
            .post, "/api/v1/coupons/definitions", "createCouponDefinition", tag: tag, "Make a definition.",
            access: .scope(.loyaltyWrite), body: .json(.object(fields)), status: .created,
            response: CouponSchemas.definition, handler: create),
        APIRoute(
            .get, "/api/v1/coupons/definitions/{id}", "getCouponDefinition", tag: tag,
            "One definition with what is printed and counted.", access: .scope(.loyaltyRead),
            parameters: [.path("id")], response: CouponSchemas.definition, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/coupons/definitions/{id}", "updateCouponDefinition", tag: tag,
            "Change it, for coupons issued from now on; those that are out keep what is printed on them.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")], body: .json(.object(fields)),
            response: CouponSchemas.definition, isRevised: true, handler: update),
        APIRoute(
            .post, "/api/v1/coupons/definitions/{id}/status", "setCouponDefinitionStatus", tag: tag,
            "Pause, resume, or end it for good.", access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(.object([APIField("status", .words(CouponStatus.allCases.map(\.rawValue)))])),
            response: CouponSchemas.definition, handler: setStatus),
        APIRoute(
            .delete, "/api/v1/coupons/definitions/{id}", "deleteCouponDefinition", tag: tag,
            "Delete a definition of which nothing was issued.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")], response: .object([]), isRevised: true, handler: delete),
        APIRoute(
            .post, "/api/v1/coupons/prints", "printCoupon", tag: tag,
            "What would be printed on coupons of a rule, in both languages; nothing is stored.",
            access: .scope(.loyaltyRead), body: .json(.object([APIField("rule", CouponSchemas.rule)])),
            response: CouponSchemas.prints, handler: printed),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID() ?? .max, min(request.limit, CouponLimits.pageRows))
        return try await context.platform.store.read { connection in
            let found = try CouponDefinitions.list(before: before, limit: limit, connection)
            let (calendar, names) = (try Workspace.load(connection).calendar, try CouponPrint.Names.load(connection))
            return try APIResponse(
                page: found, next: found.count == limit ? found.last.map { .integer($0.id) } : nil
            ) { try CouponSchemas.json($0, calendar, names) }
        }
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return try await context.platform.store.read { try answer(try CouponDefinitions.get(id, $0), $0) }
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, effects, actor) = (request.body, context.platform.effects, request.caller.actor)
        return try await context.platform.store.write { connection in
            let definition = try CouponDefinitions.create(
                name: body["name"]?.stringValue ?? "", try readRule(body, connection), by: actor, effects: effects,
                connection)
            try note("create", definition, actor, effects.now(), connection)
            return try answer(definition, connection)
        }
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, now, actor) = (
            try request.id("id"), request.body, context.platform.effects.now(), request.caller.actor
        )
        return try await context.platform.store.write { connection in
            try request.match(try CouponDefinitions.get(id, connection).revision)
            let definition = try CouponDefinitions.update(
                id, name: body["name"]?.stringValue ?? "", try readRule(body, connection), by: actor, at: now,
                connection)
            try note("update", definition, actor, now, connection)
            return try answer(definition, connection)
        }
    }

    @Sendable private static func setStatus(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now, actor) = (try request.id("id"), context.platform.effects.now(), request.caller.actor)
        let status = request.body["status"]?.stringValue.flatMap(CouponStatus.init) ?? .paused
        return try await context.platform.store.write { connection in
            let definition = try CouponDefinitions.set(status, id, at: now, connection)
            try note("status", definition, actor, now, connection)
            return try answer(definition, connection)
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now, actor) = (try request.id("id"), context.platform.effects.now(), request.caller.actor)
        try await context.platform.store.write { connection in
            let definition = try CouponDefinitions.get(id, connection)
            try request.match(try definition.revision)
            try CouponDefinitions.delete(id, connection)
            try note("delete", definition, actor, now, connection)
        }
        return APIResponse([:])
    }

    @Sendable private static func printed(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        return try await context.platform.store.read { connection in
            let rule = try readRule(body, connection)
            try rule.validate()
            return APIResponse(
                CouponSchemas.prints(
                    rule, try Workspace.load(connection).calendar, try CouponPrint.Names.load(connection)))
        }
    }

    private static func readRule(_ body: JSONValue, _ connection: any SQLConnection) throws -> CouponRule {
        try CouponRule(body["rule"] ?? [:], currency: try Workspace.load(connection).currency)
    }

    private static func note(
        _ verb: String, _ definition: CouponDefinition, _ actor: String, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "coupon_definition.\(verb)", subject: "coupon_definition:\(definition.id)",
            detail: verb == "status" ? definition.status.rawValue : definition.name, connection, at: now)
    }

    private static func answer(
        _ definition: CouponDefinition, _ connection: any SQLConnection
    ) throws -> APIResponse {
        let (calendar, names) = (try Workspace.load(connection).calendar, try CouponPrint.Names.load(connection))
        return APIResponse(try CouponSchemas.json(definition, calendar, names), at: try definition.revision)
    }
}
