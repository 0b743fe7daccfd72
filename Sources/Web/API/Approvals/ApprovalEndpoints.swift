import Engine
import Storage

/// What waits for a second person. A key asks, looks and withdraws; people decide, in the console, for a key is nobody.
enum ApprovalEndpoints {
    private static let tag = "Approvals"
    static let approval = APISchema.named(
        "Approval",
        .object([
            APIField("id", .id), APIField("kind", .words(ApprovalCatalog.kinds.map(\.name))),
            APIField("subject", .string(), "What it is about: `member:ID`."),
            APIField("request", .object([], isOpen: true), "What is done once it is approved."),
            APIField("key", .string()), APIField("reason", .string()), APIField("asked_by", .string()),
            APIField("asked_at", .timestamp),
            APIField("state", .words(Approval.State.allCases.map(\.rawValue))),
            APIField("decided_by", .nullable(.string())), APIField("decided_at", .nullable(.timestamp)),
            APIField("note", .string()),
            APIField(
                "result", .string(), "Of an adjustment: member and number of the transaction; of a ladder: its version."
            ),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/approvals", "listApprovals", tag: tag, "What was asked for, the newest first.",
            access: .scope(.loyaltyRead),
            parameters: [.query("state", .words(Approval.State.allCases.map(\.rawValue)))] + APIParameter.paging,
            response: .page(of: approval), handler: list),
        APIRoute(
            .get, "/api/v1/approvals/{id}", "getApproval", tag: tag, "One of them.", access: .scope(.loyaltyRead),
            parameters: [.path("id")], response: approval, handler: get),
        APIRoute(
            .post, "/api/v1/approvals/{id}/withdrawal", "withdrawApproval", tag: tag,
            "Take back what the same key asked for.", access: .scope(.loyaltyWrite), parameters: [.path("id")],
            response: approval, handler: withdraw),
        APIRoute(
            .post, "/api/v1/points/adjustment-requests", "askForAdjustment", tag: tag,
            "Ask for points to be given or, below zero, taken by hand, above what one may alone.",
            access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    APIField("member_id", .id), APIField("currency", .string(min: 1, max: 32)),
                    APIField("amount", .integer(-PointsLimits.amountMax...PointsLimits.amountMax)),
                    APIField("reason", .string(min: 1, max: ApprovalLimits.reasonBytes)),
                    APIField(
                        "key", .string(min: 1, max: ApprovalLimits.keyBytes),
                        "Natural key: a repeat is answered as it stands."),
                ])), status: .created, response: approval, handler: ask),
        APIRoute(
            .post, "/api/v1/tiers/ladder-requests", "askForTierLadder", tag: tag,
            "Ask for a ladder of tiers to take the place of the one in force, where that needs a second user. The same"
                + " again is answered as it stands.", access: .scope(.loyaltyWrite),
            body: .json(.object(TierSchemas.ladder)), status: .created, response: approval, handler: askLadder),
        APIRoute(
            .get, "/api/v1/approval-policy", "getApprovalPolicy", tag: tag, "What the workspace decides of approvals.",
            access: .scope(.loyaltyRead), response: policy, isRevised: true, handler: getPolicy),
        APIRoute(
            .put, "/api/v1/approval-policy", "updateApprovalPolicy", tag: tag,
            "Change it. Every change is in the audit log.", access: .scopes(.loyaltyWrite, .keysWrite),
            body: .json(.object(policyFields)), response: policy, isRevised: true, handler: putPolicy),
    ]

    private static let policyFields = [
        APIField(
            "allows_alone", .boolean,
            "Who is the only one who may approve approves what they asked for, until there is a second."),
        APIField("covers_ladders", .boolean, "A ladder of tiers that takes the place of another needs a second user."),
    ]
    private static let policy = APISchema.named(
        "ApprovalPolicy", .object(policyFields + [APIField("revision", .string(), "For `If-Match`.")]))

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID(), request.limit)
        let states = request.string("state").flatMap(Approval.State.init(rawValue:)).map { [$0] } ?? []
        let found = try await context.platform.store.read {
            try Approvals.list(states, before: before, limit: limit + 1, $0)
        }
        let page = Array(found.prefix(limit))
        return try APIResponse(
            page: page, next: found.count > limit ? page.last.map { .integer($0.id) } : nil, json)
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(try json(try await context.platform.store.read { try Approvals.get(id, $0) }))
    }

    @Sendable private static func withdraw(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        return APIResponse(
            try json(
                try await context.platform.store.write { try Approvals.withdraw(id, by: actor, at: now, $0) }))
    }

    @Sendable private static func ask(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, effects) = (request.body, request.caller.actor, context.platform.effects)
        let wanted = PointsAdjustment(
            account: body["member_id"]?.stringValue.flatMap { Int64($0) } ?? 0,
            currency: body["currency"]?.stringValue ?? "", amount: body["amount"]?.intValue ?? 0)
        let approval = try await context.platform.store.write {
            try wanted.ask(
                key: body["key"]?.stringValue ?? "", reason: body["reason"]?.stringValue ?? "", by: actor, effects,
                $0)
        }
        return APIResponse(try json(approval))
    }

    /// In place of the ladder that is in force now.
    @Sendable private static func askLadder(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (actor, effects) = (request.caller.actor, context.platform.effects)
        let ladder = try TierJSON.ladder(request.body)
        let approval = try await context.platform.store.write { connection in
            if let program = try ProgramVersions.published(connection), program.program?.tiers != nil {
                throw TierError.ofProgram(number: program.number)
            }
            let last = try TierLadders.current(connection)
            return try LadderPublication(ladder: ladder, after: last?.version ?? 0).ask(
                by: actor, effects, connection)
        }
        return APIResponse(try json(approval))
    }

    @Sendable private static func getPolicy(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try answer(try await context.platform.store.read { try ApprovalPolicy.load($0) })
    }

    @Sendable private static func putPolicy(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, now) = (request.body, request.caller.actor, context.platform.effects.now())
        let wanted = ApprovalPolicy(
            allowsAlone: body["allows_alone"]?.boolValue ?? false,
            coversLadders: body["covers_ladders"]?.boolValue ?? false)
        try await context.platform.store.write { connection in
            try request.match(try Revision(of: ApprovalPolicy.load(connection)))
            try wanted.save(by: actor, at: now, connection)
        }
        return try answer(wanted)
    }

    private static func answer(_ policy: ApprovalPolicy) throws -> APIResponse {
        let revision = try Revision(of: policy)
        return APIResponse(
            [
                "allows_alone": .bool(policy.allowsAlone), "covers_ladders": .bool(policy.coversLadders),
                "revision": .string(revision.text),
            ], at: revision)
    }

    private static func json(_ approval: Approval) throws -> JSONValue {
        [
            "id": JSONValue(id: approval.id), "kind": .string(approval.kind), "subject": .string(approval.subject),
            "request": try JSONValue(parsing: approval.request), "key": .string(approval.key),
            "reason": .string(approval.reason), "asked_by": .string(approval.askedBy),
            "asked_at": JSONValue(approval.askedAt), "state": .string(approval.state.rawValue),
            "decided_by": JSONValue(approval.decidedBy.isEmpty ? nil : approval.decidedBy),
            "decided_at": JSONValue(approval.decidedAt), "note": .string(approval.note),
            "result": .string(approval.result),
        ]
    }
}
