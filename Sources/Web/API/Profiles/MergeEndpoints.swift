import Engine

/// Merges of people: what was merged and why, merging by hand, undoing.
enum MergeEndpoints {
    private static let tag = "Merges"

    private static let merge = APISchema.named(
        "Merge",
        .object([
            APIField("id", .id), APIField("winner_id", .id), APIField("loser_id", .id), APIField("at", .timestamp),
            APIField("rule", .words(MergeRule.allCases.map(\.rawValue))),
            APIField("evidence", .string(), "The place in the event log that proved it; 0 by hand."),
            APIField("undone_at", .nullable(.timestamp)), APIField("order_count", .integer()),
            APIField(
                "identities", .array(.object([APIField("kind", .string()), APIField("value", .string())])),
                "What came with the loser."),
        ]))
    private static let listed = APISchema.object([APIField("items", .array(merge))])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/profiles/{id}/merges", "listProfileMerges", tag: tag,
            "The merges of one person, newest first.", access: .scope(.profilesRead), parameters: [.path("id")],
            response: listed, handler: ofProfile),
        APIRoute(
            .get, "/api/v1/merges", "listMerges", tag: tag, "The latest merges of everybody.",
            access: .scope(.profilesRead), response: listed, handler: latest),
        APIRoute(
            .post, "/api/v1/merges", "mergeProfiles", tag: tag, "Merge two people who are known to be one.",
            access: .scope(.profilesWrite), body: .json(.object([APIField("profile_ids", .array(.id, count: 2...2))])),
            status: .created, response: .object([APIField("profile_id", .id, "Who remains.")]), handler: mergeByHand),
        APIRoute(
            .post, "/api/v1/merges/{id}/undo", "undoMerge", tag: tag,
            "Undo a merge: what came with the loser goes back.", access: .scope(.profilesWrite),
            parameters: [.path("id")], response: .object([APIField("id", .id), APIField("undone", .boolean)]),
            handler: undo),
    ]

    @Sendable private static func ofProfile(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let entries = try await context.platform.store.read { try MergeHistory.load(of: id, $0) }
        return APIResponse(["items": .array(entries.map(json))])
    }

    @Sendable private static func latest(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let entries = try await context.platform.store.read { try MergeHistory.latest($0) }
        return APIResponse(["items": .array(entries.map(json))])
    }

    @Sendable private static func mergeByHand(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let ids = (request.body["profile_ids"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { Int64($0) } }
        guard ids.count == 2 else {
            throw Problem(.unprocessableContent, "invalid_body", "Name two profiles.")
        }
        let (platform, actor) = (context.platform, request.caller.actor)
        let now = platform.effects.now()
        let survivor = try await platform.store.write { connection in
            let events = try ManualMerge.merge(ids[0], ids[1], platform: platform, at: now, connection)
            try AuditLog.append(
                actor: actor, action: "merge.make", subject: "profile:\(ids[0])", detail: "profile:\(ids[1])",
                connection, at: now)
            try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
            return try ProfileDetail.resolve(ids[0], connection)
        }
        return APIResponse(["profile_id": JSONValue(id: survivor)])
    }

    @Sendable private static func undo(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let now = effects.now()
        try await context.platform.store.write { connection in
            let (event, moved) = try Unmerge.undo(id, at: now, connection)
            try PersonRefill.enqueue(IdentityEvents.people(of: event), effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "merge.undo", subject: "merge:\(id)", detail: "", connection, at: now)
            try SystemEventLog.append([event] + moved, now: now, effects: effects, to: connection)
        }
        return APIResponse(["id": JSONValue(id: id), "undone": true])
    }

    private static func json(_ entry: MergeHistory.Entry) -> JSONValue {
        [
            "id": JSONValue(id: entry.id), "winner_id": JSONValue(id: entry.winnerID),
            "loser_id": JSONValue(id: entry.loserID), "at": JSONValue(milliseconds: entry.atMS),
            "rule": .string(entry.rule.rawValue), "evidence": .string(String(entry.evidence)),
            "undone_at": JSONValue(milliseconds: entry.undoneMS), "order_count": JSONValue(entry.orderCount),
            "identities": .array(
                entry.identities.map { ["kind": .string($0.kind), "value": .string($0.value)] }),
        ]
    }
}
