import Engine
import Storage

/// Issued coupons: for people, looked at, claimed, taken back.
enum CouponEndpoints {
    private static let tag = "Coupons"

    private static let issued = APISchema.object([
        APIField("coupon", CouponSchemas.coupon),
        APIField("printed", CouponSchemas.prints, "The restrictions, in both languages."),
        APIField("repeated", .boolean, "The answer of the first time; nothing was issued now."),
    ])
    private static let entry = APISchema.object([
        APIField("sequence", .integer()), APIField("kind", .words(CouponEntry.Kind.allCases.map(\.rawValue))),
        APIField("at", .timestamp), APIField("profile_id", .nullable(.id)), APIField("order", .string()),
        APIField("amount", .integer()), APIField("note", .string()), APIField("by", .string()),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/coupons", "listCoupons", tag: tag,
            "Coupons of a person, a definition or a batch, the newest first; of a definition those of no batch.",
            access: .scope(.loyaltyRead),
            parameters: APIParameter.paging + [
                .query("profile_id", .id), .query("definition_id", .id), .query("batch_id", .id),
                .query("state", .words(Coupon.State.allCases.map(\.rawValue))),
                .query("code", CouponSchemas.code, "The one with a code."),
            ], response: .page(of: CouponSchemas.coupon), handler: list),
        APIRoute(
            .get, "/api/v1/coupons/{id}", "getCoupon", tag: tag, "One coupon with what is printed on it.",
            access: .scope(.loyaltyRead), parameters: [.path("id")], response: issued, handler: get),
        APIRoute(
            .get, "/api/v1/coupons/{id}/history", "getCouponHistory", tag: tag, "What happened, the newest first.",
            access: .scope(.loyaltyRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(entry))]), handler: history),
        APIRoute(
            .post, "/api/v1/coupons/issues", "issueCoupon", tag: tag, "Issue a coupon to a person.",
            access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    APIField("definition_id", .id), APIField("profile_id", .id),
                    APIField("key", CouponSchemas.key, "What it is issued for: the same again issues nothing."),
                ])), status: .created, isRepeatable: true, response: issued, handler: issue),
        APIRoute(
            .post, "/api/v1/coupons/claims", "claimCoupon", tag: tag, "Make a code a person's own.",
            access: .scope(.loyaltyWrite),
            body: .json(.object([APIField("code", CouponSchemas.code), APIField("profile_id", .id)])),
            status: .created, isRepeatable: true, response: issued, handler: claim),
        APIRoute(
            .post, "/api/v1/coupons/{id}/void", "voidCoupon", tag: tag, "Take back a coupon that is not used.",
            access: .scope(.loyaltyWrite), parameters: [.path("id")],
            body: .json(.object([APIField("reason", .string(min: 1, max: 200))])), response: CouponSchemas.coupon,
            handler: void),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        func id(_ name: String) -> Int64? { request.string(name).flatMap { Int64($0) } }
        let filter = CouponList.Filter(
            profile: id("profile_id"), definition: id("definition_id"), batch: id("batch_id"),
            state: request.string("state").flatMap(Coupon.State.init))
        let code = request.string("code")
        guard code != nil || filter.profile != nil || filter.definition != nil || filter.batch != nil else {
            throw Problem(
                .badRequest, "invalid_parameter", "Name a profile_id, a definition_id, a batch_id or a code.")
        }
        let (before, limit) = (try request.cursorID() ?? .max, min(request.limit, CouponLimits.pageRows))
        let found = try await context.platform.store.read { connection -> [CouponList.Shown] in
            if let code {
                return try CouponList.id(ofCode: code, connection).map { [try CouponList.get($0, connection)] } ?? []
            }
            var filter = filter
            filter.profile = try filter.profile.map { try ProfileDetail.resolve($0, connection) }
            return try CouponList.page(filter, before: before, limit: limit + 1, connection)
        }
        let page = Array(found.prefix(limit))
        return APIResponse(
            page: page, next: found.count > limit ? page.last.map { .integer($0.coupon.id) } : nil
        ) { CouponSchemas.json($0.coupon) }
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let shown = try await context.platform.store.read { try CouponList.get(id, $0) }
        return try await answer(shown.coupon, shown.rule, isRepeat: true, context)
    }

    @Sendable private static func history(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let entries = try await context.platform.store.read { connection in
            _ = try CouponList.get(id, connection)
            return try CouponList.history(of: id, connection)
        }
        return APIResponse([
            "items": .array(
                entries.map {
                    [
                        "sequence": .integer($0.sequence), "kind": .string($0.entry.kind.rawValue),
                        "at": JSONValue($0.entry.at), "profile_id": JSONValue(optionalID: $0.entry.profileID),
                        "order": .string($0.entry.order), "amount": .integer($0.entry.amount),
                        "note": .string($0.entry.note), "by": .string($0.by),
                    ]
                })
        ])
    }

    @Sendable private static func issue(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let answer = try await CouponIssuing.issue(
            body["definition_id"]?.stringValue.flatMap { Int64($0) } ?? 0,
            to: body["profile_id"]?.stringValue.flatMap { Int64($0) } ?? 0, key: body["key"]?.stringValue ?? "",
            by: request.caller.actor, context.platform)
        return try await self.answer(answer.coupon, answer.rule, isRepeat: answer.isRepeat, context)
    }

    @Sendable private static func claim(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let answer = try await CouponIssuing.claim(
            code: body["code"]?.stringValue ?? "", by: body["profile_id"]?.stringValue.flatMap { Int64($0) } ?? 0,
            actor: request.couponCaller, context.platform)
        return try await self.answer(answer.coupon, answer.rule, isRepeat: answer.isRepeat, context)
    }

    @Sendable private static func void(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let coupon = try await CouponIssuing.void(
            try request.id("id"), reason: request.body["reason"]?.stringValue ?? "", by: request.caller.actor,
            context.platform)
        return APIResponse(CouponSchemas.json(coupon))
    }

    private static func answer(
        _ coupon: Coupon, _ rule: CouponRule, isRepeat: Bool, _ context: APIContext
    ) async throws -> APIResponse {
        let (calendar, names) = try await context.platform.store.read {
            (try Workspace.load($0).calendar, try CouponPrint.Names.load($0))
        }
        return APIResponse(
            [
                "coupon": CouponSchemas.json(coupon), "printed": CouponSchemas.prints(rule, calendar, names),
                "repeated": .bool(isRepeat),
            ], status: isRepeat ? .ok : .created)
    }
}
