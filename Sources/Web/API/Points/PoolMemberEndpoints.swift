import Engine
import Storage

/// Who is in a pool: invited, accepted, changed, gone.
enum PoolMemberEndpoints {
    private static let tag = "Pools"

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/points/pools/{id}/invitations", "listPoolInvitations", tag: tag,
            "The last \(PoolLimits.invitationsShown), the newest first.", access: .scope(.loyaltyRead),
            parameters: [.path("id")],
            response: .object([APIField("items", .array(PoolSchemas.invitation))]), handler: list),
        APIRoute(
            .get, "/api/v1/members/{id}/pool-invitations", "listMemberPoolInvitations", tag: tag,
            "What waits for a member's answer.", access: .scope(.loyaltyRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(PoolSchemas.invitation))]), handler: waiting),
        APIRoute(
            .post, "/api/v1/points/pools/{id}/invitations", "inviteToPool", tag: tag,
            "Ask a member to join; while it is open, asked again is answered as it stands.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(.object([APIField("member_id", .id, "Who is invited."), PoolSchemas.by])), status: .created,
            isRepeatable: true, response: PoolSchemas.invitation, handler: invite),
        APIRoute(
            .post, "/api/v1/points/pool-invitations/{id}/acceptance", "acceptPoolInvitation", tag: tag,
            "The invited member joins.", access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(.object([PoolSchemas.by])), response: PoolSchemas.pool, handler: accept),
        answer("refusal", "refusePoolInvitation", "The invited member does not join.", PoolInvitations.refuse),
        answer("withdrawal", "withdrawPoolInvitation", "The pool takes it back.", PoolInvitations.withdraw),
        APIRoute(
            .patch, "/api/v1/points/pools/{id}/members/{member_id}", "changePoolMember", tag: tag,
            "Who may spend, how much of what they earn goes in by itself, who owns the pool.",
            access: .scope(.loyaltyWrite), parameters: [.path("id"), .path("member_id")],
            body: .json(
                .object([
                    .optional("may_spend", .boolean), .optional("share", PoolSchemas.share, "Percent."),
                    .optional("owner", .boolean, "True: in place of who owns it now."), PoolSchemas.by,
                ])), response: PoolSchemas.pool, handler: change),
        APIRoute(
            .post, "/api/v1/points/pools/{id}/members/{member_id}/departure", "leavePool", tag: tag,
            "A member leaves, with what is not spent of what they put in. The last one ends the pool.",
            access: .scope(.loyaltyWrite), parameters: [.path("id"), .path("member_id")],
            body: .json(.object([PoolSchemas.by])), response: PoolSchemas.pool, handler: leave),
    ]

    private typealias Answer =
        @Sendable (
            _ id: Int64, _ by: Int64?, _ actor: String, _ now: Timestamp, _ connection: any SQLConnection
        ) throws -> PoolInvitation

    private static func answer(
        _ path: String, _ operation: String, _ summary: String, _ body: @escaping Answer
    ) -> APIRoute {
        APIRoute(
            .post, "/api/v1/points/pool-invitations/{id}/\(path)", operation, tag: tag, summary,
            access: .scope(.loyaltyWrite), parameters: [.path("id")], body: .json(.object([PoolSchemas.by])),
            response: PoolSchemas.invitation
        ) { request, context in
            let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
            let by = PoolSchemas.id(request.body, "by_id")
            let invitation = try await context.platform.store.write { try body(id, by, actor, now, $0) }
            return APIResponse(PoolSchemas.json(invitation, at: now))
        }
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let found = try await context.platform.store.read { connection in
            _ = try PointsPools.get(id, connection)
            return try PoolInvitations.of(pool: id, connection)
        }
        return APIResponse(["items": .array(found.map { PoolSchemas.json($0, at: now) })])
    }

    @Sendable private static func waiting(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let found = try await context.platform.store.read { connection in
            _ = try PointsAccounts.get(id, connection)
            return try PoolInvitations.waiting(for: id, at: now, connection)
        }
        return APIResponse(["items": .array(found.map { PoolSchemas.json($0, at: now) })])
    }

    @Sendable private static func invite(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let (member, by) = (PoolSchemas.id(request.body, "member_id") ?? 0, PoolSchemas.id(request.body, "by_id"))
        let asked = try await context.platform.store.write {
            try PoolInvitations.invite(member, to: id, by: by, actor: actor, effects, $0)
        }
        return APIResponse(
            PoolSchemas.json(asked.invitation, at: effects.now()), status: asked.isRepeat ? .ok : .created)
    }

    @Sendable private static func accept(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let by = PoolSchemas.id(request.body, "by_id")
        let pool = try await context.platform.store.write {
            try PoolInvitations.accept(id, by: by, actor: actor, effects, $0)
        }
        return APIResponse(PoolSchemas.json(pool))
    }

    @Sendable private static func change(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, member, actor) = (try request.id("id"), try request.id("member_id"), request.caller.actor)
        let (body, effects) = (request.body, context.platform.effects)
        let change = PointsPools.Change(
            maySpend: body["may_spend"]?.boolValue, share: body["share"]?.intValue,
            becomesOwner: body["owner"]?.boolValue ?? false)
        let by = PoolSchemas.id(body, "by_id")
        let pool = try await context.platform.store.write {
            try PointsPools.change(change, of: member, in: id, by: by, actor: actor, effects, $0)
        }
        return APIResponse(PoolSchemas.json(pool))
    }

    @Sendable private static func leave(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, member, actor) = (try request.id("id"), try request.id("member_id"), request.caller.actor)
        let (by, effects) = (PoolSchemas.id(request.body, "by_id"), context.platform.effects)
        let pool = try await context.platform.store.write {
            try PointsPools.leave(member, pool: id, by: by, actor: actor, effects, $0)
        }
        return APIResponse(PoolSchemas.json(pool))
    }
}
