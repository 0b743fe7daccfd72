import Engine
import Storage

/// The catalogue of rewards.
enum RewardEndpoints {
    private static let tag = "Rewards"

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/rewards", "listRewards", tag: tag, "All rewards, the newest first.",
            access: .scope(.loyaltyRead), parameters: [.query("offered", .boolean, "Only those that are offered.")],
            response: .object([APIField("items", .array(RewardSchemas.reward))]), handler: list),
        APIRoute(
            .post, "/api/v1/rewards", "createReward", tag: tag, "Offer a reward.", access: .scope(.loyaltyWrite),
            body: .json(
                .object(
                    RewardSchemas.definition + [
                        .optional(
                            "stock", .nullable(.integer(0...RewardLimits.stockMax)), "Null: there is always more.")
                    ])), status: .created, response: RewardSchemas.reward, handler: create),
        APIRoute(
            .get, "/api/v1/rewards/{id}", "getReward", tag: tag, "One reward.", access: .scope(.loyaltyRead),
            parameters: [.path("id")], response: RewardSchemas.reward, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/rewards/{id}", "updateReward", tag: tag, "Change a reward, for claims from now on.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(.object(RewardSchemas.definition + [.optional("offered", .boolean)])),
            response: RewardSchemas.reward, isRevised: true, handler: update),
        APIRoute(
            .delete, "/api/v1/rewards/{id}", "deleteReward", tag: tag, "Delete a reward that nobody claimed.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")], response: .object([]), isRevised: true,
            handler: delete),
        APIRoute(
            .post, "/api/v1/rewards/{id}/stock-changes", "changeRewardStock", tag: tag,
            "So many more are there or, below zero, fewer.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")],
            body: .json(
                .object([APIField("amount", .integer(-RewardLimits.stockMax...RewardLimits.stockMax))])),
            response: RewardSchemas.reward, handler: stock),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let onlyOffered = request.bool("offered") ?? false
        let rewards = try await context.platform.store.read { try Rewards.list(onlyOffered: onlyOffered, $0) }
        return APIResponse(["items": .array(try rewards.map(RewardSchemas.json))])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return try answer(try await context.platform.store.read { try Rewards.get(id, $0) })
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, effects) = (request.body, request.caller.actor, context.platform.effects)
        let definition = try RewardSchemas.definition(body)
        return try answer(
            try await context.platform.store.write {
                try Rewards.create(definition, stock: body["stock"]?.intValue, by: actor, effects, $0)
            })
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, actor) = (try request.id("id"), request.body, request.caller.actor)
        let (definition, now) = (try RewardSchemas.definition(body), context.platform.effects.now())
        return try answer(
            try await context.platform.store.write { connection in
                let before = try Rewards.get(id, connection)
                try request.match(try before.revision)
                return try Rewards.update(
                    id, definition, isOffered: body["offered"]?.boolValue ?? before.isOffered, by: actor, at: now,
                    connection)
            })
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        try await context.platform.store.write { connection in
            try request.match(try Rewards.get(id, connection).revision)
            try Rewards.delete(id, by: actor, at: now, connection)
        }
        return APIResponse([:])
    }

    @Sendable private static func stock(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        let amount = request.body["amount"]?.intValue ?? 0
        return APIResponse(
            try RewardSchemas.json(
                try await context.platform.store.write {
                    try Rewards.changeStock(id, by: amount, actor: actor, at: now, $0)
                }))
    }

    private static func answer(_ reward: Reward) throws -> APIResponse {
        APIResponse(try RewardSchemas.json(reward), at: try reward.revision)
    }
}
