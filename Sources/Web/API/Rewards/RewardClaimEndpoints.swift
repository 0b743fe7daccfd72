import Engine
import Storage

/// Claims on rewards: made by members, served by people and programs.
enum RewardClaimEndpoints {
    private static let tag = "Rewards"

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/members/{id}/rewards", "listMemberRewards", tag: tag,
            "What is offered, and whether the member may claim it now; every reason why not.",
            access: .scope(.loyaltyRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(RewardSchemas.offer))]), handler: offers),
        APIRoute(
            .post, "/api/v1/rewards/{id}/claims", "claimReward", tag: tag,
            "Claim a reward for a member: the points are spent, the stock is taken.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("member_id", .id), .optional("quantity", .integer(1...RewardLimits.quantityMax)),
                    APIField("key", PointsSchemas.key, "Natural key: a repeat is answered as the first time."),
                    .optional("delivery", RewardSchemas.delivery, "Where to, for whom."),
                    .optional(
                        "pool", .boolean, "Paid out of the household's pool that the member is in; false unless told."),
                ])), status: .created, isRepeatable: true, response: RewardSchemas.claim, handler: claim),
        APIRoute(
            .get, "/api/v1/reward-claims", "listRewardClaims", tag: tag, "Claims, the newest first.",
            access: .scope(.loyaltyRead),
            parameters: [
                .query("state", RewardSchemas.state), .query("reward_id", .id), .query("member_id", .id),
            ] + APIParameter.paging, response: .page(of: RewardSchemas.claim), handler: list),
        APIRoute(
            .get, "/api/v1/reward-claims/{id}", "getRewardClaim", tag: tag, "One claim with its steps.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: RewardSchemas.claim, handler: get),
        APIRoute(
            .post, "/api/v1/reward-claims/{id}/steps", "stepRewardClaim", tag: tag,
            "Take a claim one step on. A cancelled one gives back its points with the expiry they had.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("state", .words(RewardClaim.State.allCases.filter { $0 != .requested }.map(\.rawValue))),
                    .optional(
                        "note", .string(max: RewardLimits.noteBytes), "Payment, parcel number, code or reason."),
                    .optional("restock", .boolean, "Of a cancelled one: whether the goods are back; true unless told."),
                ])), status: .created, response: RewardSchemas.claim, handler: step),
    ]

    @Sendable private static func offers(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let offers = try await context.platform.store.read { try RewardClaims.offers(to: id, at: now, $0) }
        return APIResponse([
            "items": .array(
                try offers.map { offer in
                    [
                        "reward": try RewardSchemas.json(offer.reward), "available": .bool(offer.refusals.isEmpty),
                        "reasons": .array(offer.refusals.map { .string($0.code) }),
                    ]
                })
        ])
    }

    @Sendable private static func claim(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, effects) = (request.body, request.caller.actor, context.platform.effects)
        let wanted = RewardRequest(
            rewardID: try request.id("id"), account: body["member_id"]?.stringValue.flatMap { Int64($0) } ?? 0,
            quantity: body["quantity"]?.intValue ?? 1, key: body["key"]?.stringValue ?? "",
            delivery: (body["delivery"]?.objectValue ?? [:]).compactMapValues(\.stringValue),
            isOfPool: body["pool"]?.boolValue ?? false)
        let (claim, isRepeat) = try await context.platform.store.write {
            try RewardClaims.claim(wanted, by: actor, effects, $0)
        }
        return APIResponse(RewardSchemas.json(claim), status: isRepeat ? .ok : .created)
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID(), request.limit)
        let filter = RewardClaimRows.Filter(
            states: request.string("state").flatMap(RewardClaim.State.init(rawValue:)).map { [$0] } ?? [],
            reward: request.string("reward_id").flatMap { Int64($0) },
            account: request.string("member_id").flatMap { Int64($0) })
        let found = try await context.platform.store.read {
            try RewardClaimRows.list(filter, before: before, limit: limit + 1, $0)
        }
        let page = Array(found.prefix(limit))
        return APIResponse(
            page: page, next: found.count > limit ? page.last.map { .integer($0.id) } : nil, RewardSchemas.json)
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(
            RewardSchemas.json(try await context.platform.store.read { try RewardClaimRows.get(id, $0) }))
    }

    @Sendable private static func step(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, body, actor) = (try request.id("id"), request.body, request.caller.actor)
        let effects = context.platform.effects
        let state = body["state"]?.stringValue.flatMap(RewardClaim.State.init(rawValue:)) ?? .cancelled
        let claim = try await context.platform.store.write {
            try RewardClaims.step(
                id, to: state, note: body["note"]?.stringValue ?? "", restock: body["restock"]?.boolValue ?? true,
                by: actor, effects, $0)
        }
        return APIResponse(RewardSchemas.json(claim))
    }
}
