import Engine
import Storage

/// Members: enrolment, balances, lots, transactions, the statement that verifies by itself.
enum MemberEndpoints {
    private static let tag = "Members"

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/members", "enrolMember", tag: tag,
            "Make a person a member. Who is one already is answered as is.", access: .scope(.loyaltyWrite),
            body: .json(.object([APIField("profile_id", .id)])), status: .created,
            isRepeatable: true, response: PointsSchemas.member,
            handler: enrol),
        APIRoute(
            .get, "/api/v1/members", "findMember", tag: tag, "The member with a profile, or a number.",
            access: .scope(.loyaltyRead),
            parameters: [.query("profile_id", .id), .query("number", .string(min: 1, max: 40))],
            response: .object([APIField("items", .array(PointsSchemas.member))]), handler: find),
        APIRoute(
            .get, "/api/v1/members/{id}", "getMember", tag: tag, "One member with all balances.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: PointsSchemas.member, handler: get),
        APIRoute(
            .get, "/api/v1/members/{id}/lots", "listMemberLots", tag: tag, "Points by lot, the newest first.",
            access: .scope(.loyaltyRead),
            parameters: [.path("id"), .query("currency", .string(min: 1, max: 32))] + PointsAccountReading.openLots,
            response: .object([APIField("items", .array(PointsSchemas.lot))]),
            handler: PointsAccountReading.lots(of: PointsAccounts.get)),
        APIRoute(
            .get, "/api/v1/members/{id}/transactions", "listMemberTransactions", tag: tag, "The newest first.",
            access: .scope(.loyaltyRead), parameters: [.path("id")] + APIParameter.paging,
            response: .page(of: PointsSchemas.transaction),
            handler: PointsAccountReading.transactions(of: PointsAccounts.get)),
        APIRoute(
            .get, "/api/v1/members/{id}/statement", "getMemberStatement", tag: tag,
            "Every transaction as the text that was hashed; docs/loyalty.md has the script that verifies it.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: .object([], isOpen: true),
            handler: statement),
    ]

    @Sendable private static func enrol(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let profile = request.body["profile_id"]?.stringValue.flatMap { Int64($0) } ?? 0
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let (account, isNew) = try await context.platform.store.write { connection in
            let opened = try ProgramMembers.enrol(profile: profile, effects: effects, connection)
            if opened.isNew {
                try AuditLog.append(
                    actor: actor, action: "member.enrol", subject: "profile:\(opened.account.profileID)", detail: "",
                    connection, at: effects.now())
            }
            return opened
        }
        return APIResponse(PointsSchemas.json(account), status: isNew ? .created : .ok)
    }

    @Sendable private static func find(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (profile, number) = (request.string("profile_id").flatMap { Int64($0) }, request.string("number"))
        guard profile != nil || number != nil else {
            throw Problem(.badRequest, "invalid_parameter", "Name a profile_id or a number.")
        }
        let found = try await context.platform.store.read { connection -> MemberAccount? in
            if let profile {
                let id = try ProfileDetail.resolve(profile, connection)
                return try PointsAccounts.ofProfile(id, connection)
            }
            return try PointsAccounts.numbered(number ?? "", connection)
        }
        return APIResponse(["items": .array(found.map { [PointsSchemas.json($0)] } ?? [])])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(
            PointsSchemas.json(try await context.platform.store.read { try PointsAccounts.get(id, $0) }))
    }

    @Sendable private static func statement(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let now = context.platform.effects.now()
        let file = try await StatementFile.open(try request.id("id"), at: now, context.platform)
        return APIResponse(file: file.body, name: file.name)
    }
}
