import Engine
import Storage

/// One member's tier: standing, progress and what is missing, history, tiers given by hand.
enum MemberTierEndpoints {
    private static let tag = "Tiers"

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/members/{id}/tier", "getMemberTier", tag: tag,
            "The member's tier, until when, and what is missing to stay and to go up.", access: .scope(.loyaltyRead),
            parameters: [.path("id")],
            response: .object([
                APIField("member_id", .id), APIField("profile_id", .id), APIField("tier", .string()),
                APIField("earned", .string(), "What rules gave; lower than `tier` while one is granted."),
                APIField("since", .timestamp), APIField("ladder", .integer()),
                APIField("period", .object([APIField("from", .day), APIField("to", .day)])),
                APIField("until", .nullable(.day), "The last day of the tier as things are."),
                APIField("grace", .boolean), APIField("grant_id", .nullable(.id)),
                APIField("keeping", .nullable(TierSchemas.progress)),
                APIField("higher", .array(TierSchemas.progress), "Towards each higher tier, the next first."),
                APIField("place", .nullable(.integer()), "In the last ranking."),
                APIField("ranked", .nullable(.integer())),
            ]), handler: get),
        APIRoute(
            .get, "/api/v1/members/{id}/tier/history", "listMemberTierChanges", tag: tag,
            "Every change with its evidence and what would have kept the tier; the newest first.",
            access: .scope(.loyaltyRead), parameters: [.path("id")] + APIParameter.paging,
            response: .page(of: TierSchemas.change), handler: history),
        APIRoute(
            .get, "/api/v1/members/{id}/tier/grants", "listMemberTierGrants", tag: tag, "The newest first.",
            access: .scope(.loyaltyRead), parameters: [.path("id")] + APIParameter.paging,
            response: .page(of: TierSchemas.grant), handler: grants),
        APIRoute(
            .post, "/api/v1/members/{id}/tier/grants", "grantMemberTier", tag: tag,
            "Give a tier by hand, in place of one that was given before.", access: .scope(.loyaltyWrite),
            parameters: [.path("id")],
            body: .json(
                .object([
                    APIField("tier", .string(min: 1, max: 32)), .optional("until", .nullable(.timestamp)),
                    APIField("reason", .string(min: 1, max: TierLimits.reasonCharacters)),
                ])), status: .created, response: TierSchemas.grant, handler: grant),
        APIRoute(
            .post, "/api/v1/members/{id}/tier/grants/{grant_id}/end", "endMemberTierGrant", tag: tag,
            "Take a grant back.", access: .scope(.loyaltyWrite), parameters: [.path("id"), .path("grant_id")],
            response: TierSchemas.grant, handler: end),
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, now) = (try request.id("id"), context.platform.effects.now())
        let (standing, speech) = try await context.platform.store.read { connection in
            _ = try PointsAccounts.get(id, connection)
            return (try TierStanding.load(member: id, at: now, connection), try TierSpeech.load(connection))
        }
        let state = standing.state
        func progress(_ progress: TierStanding.Progress) -> JSONValue {
            [
                "tier": .string(progress.tier), "reading": TierJSON.json(progress.reading),
                "lacking": TierJSON.json(progress.lacking, standing.ladder, speech, isOver: false),
            ]
        }
        return APIResponse([
            "member_id": JSONValue(id: id), "profile_id": JSONValue(id: standing.profile),
            "tier": .string(state.tier), "earned": .string(state.earned), "since": JSONValue(state.since),
            "ladder": .integer(standing.ladderVersion),
            "period": [
                "from": .string(LocalCalendar.text(ofDay: state.periodStart)),
                "to": .string(LocalCalendar.text(ofDay: max(state.periodEnd - 1, state.periodStart))),
            ], "until": JSONValue(standing.lastDay.map(LocalCalendar.text(ofDay:))),
            "grace": .bool(state.graceEnd != nil), "grant_id": JSONValue(optionalID: state.grant?.id ?? 0),
            "keeping": standing.keeping.map(progress) ?? .null, "higher": .array(standing.higher.map(progress)),
            "place": JSONValue(standing.place?.place), "ranked": JSONValue(standing.place?.ranked),
        ])
    }

    @Sendable private static func history(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, before, limit) = (try request.id("id"), try request.cursorID() ?? .max, request.limit)
        let (found, ladder, speech) = try await context.platform.store.read { connection in
            _ = try PointsAccounts.get(id, connection)
            return (
                try TierHistory.list(member: id, before: before, limit: limit + 1, connection),
                try TierLadders.current(connection)?.ladder ?? TierLadder(tiers: [Tier(code: "member")]),
                try TierSpeech.load(connection)
            )
        }
        let page = Array(found.prefix(limit))
        return APIResponse(
            page: page, next: found.count > limit ? page.last.map { .integer($0.change.number) } : nil
        ) { TierJSON.json($0, ladder, speech) }
    }

    @Sendable private static func grants(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, before, limit) = (try request.id("id"), try request.cursorID() ?? .max, request.limit)
        let found = try await context.platform.store.read { connection in
            _ = try PointsAccounts.get(id, connection)
            return try TierGrants.list(member: id, before: before, limit: limit + 1, connection)
        }
        let page = Array(found.prefix(limit))
        return APIResponse(
            page: page, next: found.count > limit ? page.last.map { .integer($0.id) } : nil, TierJSON.json)
    }

    @Sendable private static func grant(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        let (tier, reason) = (request.body["tier"]?.stringValue ?? "", request.body["reason"]?.stringValue ?? "")
        let until = request.body["until"]?.stringValue.flatMap { Timestamp(iso8601: $0) }
        let grant = try await context.platform.store.write { connection in
            let given = try TierGrants.give(
                tier, to: id, until: until, reason: reason, by: actor, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "tier.grant", subject: "member:\(id)", detail: tier, connection,
                at: effects.now())
            try SystemEventLog.append(given.events, now: effects.now(), effects: effects, to: connection)
            return given.grant
        }
        return APIResponse(TierJSON.json(grant))
    }

    @Sendable private static func end(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("grant_id"), context.platform.effects, request.caller.actor)
        let member = try request.id("id")
        let grant = try await context.platform.store.write { connection in
            guard try TierGrants.get(id, connection).member == member else { throw TierError.grantNotFound(id) }
            let ended = try TierGrants.end(id, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "tier.grant_end", subject: "member:\(member)", detail: ended.grant.tier,
                connection, at: effects.now())
            try SystemEventLog.append(ended.events, now: effects.now(), effects: effects, to: connection)
            return ended.grant
        }
        return APIResponse(TierJSON.json(grant))
    }
}
