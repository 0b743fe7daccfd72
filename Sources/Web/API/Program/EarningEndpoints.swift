import Engine
import Storage

/// What would be earned, and what was, each with its waterfall.
enum EarningEndpoints {
    private static let tag = "Program"
    private static let answer = APISchema.object([
        APIField("version", .nullable(.integer()), "Null when a draft was asked, or nothing is in force."),
        APIField("member_id", .nullable(.id), "Null: nobody known; what a new member would get."),
        APIField("points", .map(.integer()), "By currency."),
        APIField("amount", .nullable(.integer()), "Minor units that an order came to, without tax and shipping."),
        APIField("waterfall", ProgramSchemas.waterfall),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/program/evaluations", "evaluateProgram", tag: tag,
            "What a cart, an order or an event would earn, and why. Nothing is written.",
            access: .scope(.loyaltyRead),
            body: .json(
                .object([
                    .optional("member_id", .id), .optional("profile_id", .id),
                    .optional("version_id", .id, "Ask a draft instead of the version in force."),
                    .optional("at", .timestamp, "Now unless told."),
                    .optional(
                        "order", .object([], isOpen: true), "The properties of an `Order Completed`; no id is needed."),
                    .optional(
                        "event",
                        .object([
                            APIField("name", .string(min: 1, max: 200)),
                            .optional("properties", .object([], isOpen: true)),
                        ])),
                ])), response: answer, handler: evaluate),
        APIRoute(
            .get, "/api/v1/members/{id}/earnings", "listMemberEarnings", tag: tag,
            "What the member's orders and events earned, the newest first.", access: .scope(.loyaltyRead),
            parameters: [.path("id")] + APIParameter.paging, response: .page(of: ProgramSchemas.earning),
            handler: list),
        APIRoute(
            .get, "/api/v1/program/earnings", "findEarning", tag: tag,
            "What one order, or one award of the ledger, was given for.", access: .scope(.loyaltyRead),
            parameters: [
                .query("order_id", .string(min: 1, max: 200)), .query("award", .string(min: 1, max: 200)),
            ], response: .object([APIField("items", .array(ProgramSchemas.earning))]), handler: find),
    ]

    @Sendable private static func evaluate(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let subject: ProgramDryRun.Question.Subject
        if let order = body["order"], body["event"] == nil {
            subject = .order(order.text())
        } else if let event = body["event"], body["order"] == nil {
            subject = .event(
                name: event["name"]?.stringValue ?? "", properties: (event["properties"] ?? [:]).text())
        } else {
            throw Problem(.unprocessableContent, "invalid_body", "Tell either an order or an event.")
        }
        let at = body["at"]?.stringValue.flatMap { Timestamp(iso8601: $0) } ?? context.platform.effects.now()
        func id(_ name: String) -> Int64? { body[name]?.stringValue.flatMap { Int64($0) } }
        let (member, profile, version) = (id("member_id"), id("profile_id"), id("version_id"))
        let memory = context.till
        let (run, world) = try await context.platform.store.read { connection in
            let own = try member.map { try PointsAccounts.get($0, connection).profileID } ?? profile
            let program = try version.map { try ProgramVersions.get($0, connection).program ?? LoyaltyProgram() }
            let question = ProgramDryRun.Question(subject, profileID: own, program: program, at: at)
            return (try ProgramDryRun.run(question, connection, memory), try CriteriaWorld.load(connection))
        }
        return APIResponse([
            "version": JSONValue(run.version), "member_id": JSONValue(optionalID: run.account),
            "points": .object(run.points.mapValues { .integer($0) }), "amount": JSONValue(run.sum),
            "waterfall": ProgramSchemas.json(run.outcome.waterfall, run.rules, world),
        ])
    }

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, limit, cursor) = (try request.id("id"), request.limit, try request.cursor())
        var before: (madeMS: Int64, key: String)?
        if let cursor {
            guard let made = cursor[0]?.intValue, let key = cursor[1]?.stringValue else {
                throw Problem(.badRequest, "bad_cursor", "The cursor is not one that this list gave out.")
            }
            before = (made, key)
        }
        let start = before
        let (found, told) = try await context.platform.store.read { connection in
            _ = try PointsAccounts.get(id, connection)
            let found = try EarningRecords.page(of: id, before: start, limit: limit + 1, connection)
            return (found, try telling(found, connection))
        }
        let page = Array(found.prefix(limit))
        let last = page.last.map { JSONValue.array([.integer($0.madeMS), .string($0.key)]) }
        return APIResponse(page: page, next: found.count > limit ? last : nil, told)
    }

    @Sendable private static func find(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (order, award) = (request.string("order_id"), request.string("award"))
        guard order != nil || award != nil else {
            throw Problem(.badRequest, "invalid_parameter", "Name an order_id or an award.")
        }
        let (found, told) = try await context.platform.store.read { connection in
            let found =
                try order.map { try EarningRecords.get("order:" + $0, connection) }
                ?? EarningRecords.of(award: award ?? "", connection)
            return (found, try telling(found.map { [$0] } ?? [], connection))
        }
        return APIResponse(["items": .array(found.map { [told($0)] } ?? [])])
    }

    /// Tells records with the rules of the versions that decided.
    private static func telling(
        _ records: [EarningRecord], _ connection: any SQLConnection
    ) throws -> @Sendable (EarningRecord) -> JSONValue {
        let world = try CriteriaWorld.load(connection)
        var rules: [Int64: EarningRuleSet] = [:]
        for number in Set(records.map(\.version)) {
            rules[number] = try ProgramVersions.numbered(number, connection)?.program?.rules
        }
        let known = rules
        return { ProgramSchemas.json($0, known[$0.version] ?? EarningRuleSet(), world) }
    }
}
