import Engine
import Storage

/// Pools of points that households share: made, looked at, filled, spent, ended.
enum PoolEndpoints {
    private static let tag = "Pools"
    private static let moving: [APIField] = [
        APIField("member_id", .id), APIField("currency", .string(min: 1, max: 32)),
        APIField("amount", PointsSchemas.amount, "In the smallest part of the currency."),
        APIField("key", PointsSchemas.key, "Natural key, kept for ever: a repeat is answered as the first time."),
        .optional("note", PointsSchemas.note, "Texts for people: order, store, reason."),
    ]
    private static let answer = APISchema.object([
        APIField("transactions", .array(PointsSchemas.transaction), "In the pool's account and in the member's."),
        APIField("repeated", .boolean, "The answer of the first time; nothing was done now."),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/points/pools", "createPointsPool", tag: tag,
            "Make a pool, whose owner the member is. Points of currencies that are `poolable` may be put in.",
            access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    APIField("member_id", .id), APIField("name", PoolSchemas.name),
                    APIField("key", PointsSchemas.key, "Natural key: a repeat is answered as it stands."),
                ])), status: .created, isRepeatable: true, response: PoolSchemas.pool, handler: create),
        APIRoute(
            .get, "/api/v1/points/pools/{id}", "getPointsPool", tag: tag, "One pool, its members and what it has.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: PoolSchemas.pool, handler: get),
        APIRoute(
            .get, "/api/v1/members/{id}/pool", "getMemberPool", tag: tag, "The pool that a member is in.",
            access: .scope(.loyaltyRead), parameters: [.path("id")],
            response: .object([APIField("pool", .nullable(PoolSchemas.pool))]), handler: ofMember),
        APIRoute(
            .get, "/api/v1/points/pools/{id}/lots", "listPoolLots", tag: tag,
            "Points of a pool by lot, the newest first.", access: .scope(.loyaltyRead),
            parameters: [.path("id")] + PointsAccountReading.openLots,
            response: .object([APIField("items", .array(PointsSchemas.lot))]),
            handler: PointsAccountReading.lots(of: PointsAccounts.pool)),
        APIRoute(
            .get, "/api/v1/points/pools/{id}/transactions", "listPoolTransactions", tag: tag, "The newest first.",
            access: .scope(.loyaltyRead), parameters: [.path("id")] + APIParameter.paging,
            response: .page(of: PointsSchemas.transaction),
            handler: PointsAccountReading.transactions(of: PointsAccounts.pool)),
        APIRoute(
            .get, "/api/v1/points/pools/{id}/statement", "getPoolStatement", tag: tag,
            "Every transaction as the text that was hashed; docs/loyalty.md has the script that verifies it.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: .object([], isOpen: true),
            handler: statement),
        command(
            "contributions", "contributeToPool",
            "A member puts points in; they keep their expiry, and what is not spent of them comes back when they leave."
        ) { pool, body in
            .contribute(
                member: PoolSchemas.id(body, "member_id") ?? 0, pool: pool, currency: text(body, "currency"),
                body["amount"]?.intValue ?? 0, key: text(body, "key"), note: PointsSchemas.notes(body))
        },
        command(
            "redemptions", "spendPoolPoints",
            "A member spends of the pool. Undone by a return of the redemption (`/points/redemption-returns`)."
        ) { pool, body in
            .spendPool(
                pool: pool, member: PoolSchemas.id(body, "member_id") ?? 0, currency: text(body, "currency"),
                body["amount"]?.intValue ?? 0, key: text(body, "key"), note: PointsSchemas.notes(body))
        },
        APIRoute(
            .post, "/api/v1/points/pools/{id}/dissolution", "dissolvePointsPool", tag: tag,
            "End a pool: everybody has back what is left of what they put in.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")], body: .json(.object([PoolSchemas.by])), response: PoolSchemas.pool,
            handler: dissolve),
    ]

    private static func command(
        _ path: String, _ operation: String, _ summary: String,
        _ read: @escaping @Sendable (Int64, JSONValue) -> PointsCommand
    ) -> APIRoute {
        APIRoute(
            .post, "/api/v1/points/pools/{id}/\(path)", operation, tag: tag, summary, access: .scope(.loyaltyWrite),
            parameters: [.path("id")], body: .json(.object(moving)), status: .created, isRepeatable: true,
            response: answer
        ) { request, context in
            let (pool, effects) = (try request.id("id"), context.platform.effects)
            let command = read(pool, request.body)
            let answer = try await context.platform.store.write { connection in
                _ = try PointsPools.get(pool, connection)
                return try Points.perform(command, effects: effects, connection)
            }
            return PointsSchemas.response(answer)
        }
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, effects) = (request.body, request.caller.actor, context.platform.effects)
        let made = try await context.platform.store.write {
            try PointsPools.create(
                text(body, "name"), by: PoolSchemas.id(body, "member_id") ?? 0, key: text(body, "key"), actor: actor,
                effects, $0)
        }
        return APIResponse(PoolSchemas.json(made.pool), status: made.isRepeat ? .ok : .created)
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(PoolSchemas.json(try await context.platform.store.read { try PointsPools.get(id, $0) }))
    }

    @Sendable private static func ofMember(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let pool = try await context.platform.store.read { connection in
            _ = try PointsAccounts.get(id, connection)
            return try PointsPools.of(id, connection)
        }
        return APIResponse(["pool": pool.map(PoolSchemas.json) ?? .null])
    }

    @Sendable private static func statement(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let now = context.platform.effects.now()
        let file = try await StatementFile.open(pool: try request.id("id"), at: now, context.platform)
        return APIResponse(file: file.body, name: file.name)
    }

    @Sendable private static func dissolve(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let by = PoolSchemas.id(request.body, "by_id")
        let pool = try await context.platform.store.write {
            try PointsPools.dissolve(id, by: by, actor: actor, effects, $0)
        }
        return APIResponse(PoolSchemas.json(pool))
    }

    private static func text(_ body: JSONValue, _ name: String) -> String { body[name]?.stringValue ?? "" }
}
