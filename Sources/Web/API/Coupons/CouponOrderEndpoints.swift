import Engine
import Storage

/// What a till does with coupons: ask, lock, redeem, let go, give back.
enum CouponOrderEndpoints {
    private static let tag = "Coupons"
    private static let usualBytes = 16_384
    private static let codes = APISchema.array(CouponSchemas.code, count: 1...CouponLimits.couponsPerOrder)
    private static let order = APIField("order", CouponSchemas.key, "The order's id: with the coupon the natural key.")
    private static let profile = APIField.optional("profile_id", .nullable(.id), "Who buys, where known.")
    private static let cart = APIField("cart", CouponSchemas.cart)

    private static let item = APISchema.object([
        APIField("code", .string()), APIField("coupon", .nullable(CouponSchemas.coupon)),
        APIField("headline", .nullable(.object([APIField("en", .string()), APIField("zh-Hans", .string())]))),
        APIField("applies", .boolean), APIField("reasons", .array(CouponSchemas.refusal), "Every one."),
        APIField("discount", CouponSchemas.discount, "Of this coupon alone."),
    ])
    private static let combination = APISchema.object([
        APIField("amount", .integer()),
        APIField("coupons", .array(.object([APIField("id", .id), APIField("discount", CouponSchemas.discount)]))),
        APIField("is_proved", .boolean, "False: too many combinations to look at all; the best that was seen."),
    ])
    private static let done = APISchema.object([
        APIField("uses", .array(CouponSchemas.use)),
        APIField("repeated", .boolean, "The answer of the first time; nothing was done now."),
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/coupons/validations", "validateCoupons", tag: tag,
            "Whether coupons apply to a cart, every reason why not, the discount by line, and what goes best together.",
            access: .scope(.loyaltyRead),
            body: .json(
                .object([
                    cart, profile,
                    .optional(
                        "codes", .array(CouponSchemas.code, count: 1...CouponLimits.couponsPerCart),
                        "All that the person holds unless told."),
                    .optional("order", CouponSchemas.key, "Whose own locks do not stand in the way."),
                ])),
            response: .object([APIField("items", .array(item)), APIField("best", combination)]), handler: validate),
        APIRoute(
            .post, "/api/v1/coupons/locks", "lockCoupons", tag: tag,
            "Reserve coupons for an order, all or none; again for the same order: anew.",
            access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    order, APIField("codes", codes), cart, profile,
                    .optional(
                        "seconds", .integer(1...CouponLimits.lockSecondsMax),
                        "How long; \(CouponLimits.lockSeconds) unless told."),
                ])), status: .created, isRepeatable: true, response: done, handler: lock),
        APIRoute(
            .post, "/api/v1/coupons/lock-releases", "releaseCoupons", tag: tag,
            "Let the locks of an order go: all, or those of some codes.", access: .scope(.loyaltyWrite),
            body: .json(.object([order, .optional("codes", codes)])), response: done, handler: release),
        APIRoute(
            .post, "/api/v1/coupons/redemptions", "redeemCoupons", tag: tag,
            "Use coupons for an order, all or none: as locked, or with a cart as they apply to it.",
            access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    order, APIField("codes", codes), .optional("cart", CouponSchemas.cart, "Not needed after a lock."),
                    profile,
                ])), status: .created, isRepeatable: true, response: done, handler: redeem),
        APIRoute(
            .post, "/api/v1/coupons/rollbacks", "rollBackCoupons", tag: tag,
            "Give back what an order used: all, or what returned pieces carry of it.", access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    order, APIField("key", CouponSchemas.key, "Of the return: the same again changes nothing."),
                    .optional(
                        "lines",
                        .array(
                            .object([
                                APIField("id", .string(min: 1, max: CouponLimits.codeBytes)),
                                APIField("quantity", .integer(1...CouponLimits.quantityMax)),
                            ]), count: 1...CouponLimits.cartLines), "All of the order unless told."),
                ])), status: .created, isRepeatable: true, response: done, handler: rollBack),
        APIRoute(
            .get, "/api/v1/coupons/orders/{order}", "getCouponsOfOrder", tag: tag,
            "What an order holds, used or gave back.", access: .scope(.loyaltyRead),
            parameters: [.path("order", CouponSchemas.key)],
            response: .object([APIField("uses", .array(CouponSchemas.use))]), handler: uses),
    ]

    @Sendable private static func validate(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let question = try await question(request, context)
        guard question.codes != nil || question.profile != nil else {
            throw Problem(.unprocessableContent, "nobody", "Name codes, or a profile_id whose coupons are meant.")
        }
        let answer = try await Coupons.validate(question, by: request.couponCaller, context.platform)
        let (workspace, names) = try await context.platform.store.read {
            (try Workspace.load($0), try CouponPrint.Names.load($0))
        }
        var json = JSONWriter(capacity: usualBytes)
        json.open()
        json.name("best")
        write(answer.best, to: &json)
        json.name("items")
        json.array(answer.items) { write($0, question.cart.currency, workspace.calendar, names, to: &$1) }
        json.close()
        return APIResponse(json: json)
    }

    private static func write(_ best: CouponCombination, to json: inout JSONWriter) {
        json.open()
        json.member("amount", best.amount)
        json.name("coupons")
        json.array(best.parts) { part, json in
            json.open()
            json.name("discount")
            CouponSchemas.write(part.discount, to: &json)
            json.member("id", tree: JSONValue(id: part.couponID))
            json.close()
        }
        json.member("is_proved", best.isProved)
        json.close()
    }

    private static func write(
        _ item: Coupons.Item, _ currency: String, _ calendar: LocalCalendar, _ names: CouponPrint.Names,
        to json: inout JSONWriter
    ) {
        var (coupon, headline): (JSONValue, JSONValue) = (.null, .null)
        if let rule = item.rule {
            var said: [String: JSONValue] = [:]
            for language in CriteriaLanguage.allCases {
                said[language.rawValue] = .string(CouponPrint(language, calendar, names).headline(rule))
            }
            headline = .object(said)
            coupon = item.coupon.map { CouponSchemas.json($0) } ?? .null
        }
        json.open()
        json.member("applies", item.refusals.isEmpty)
        json.member("code", item.code)
        json.member("coupon", tree: coupon)
        json.name("discount")
        CouponSchemas.write(item.discount, to: &json)
        json.member("headline", tree: headline)
        json.member(
            "reasons",
            tree: .array(item.refusals.map { CouponSchemas.json($0, currency: currency, calendar, names) }))
        json.close()
    }

    @Sendable private static func lock(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let question = try await question(request, context)
        let made = try await CouponOrders.lock(
            question, seconds: request.body["seconds"]?.intValue ?? CouponLimits.lockSeconds,
            by: request.couponCaller, context.platform)
        return answer(made)
    }

    @Sendable private static func release(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let made = try await CouponOrders.release(
            order: body["order"]?.stringValue ?? "", codes: body["codes"]?.arrayValue?.compactMap(\.stringValue),
            by: request.caller.actor, context.platform)
        return answer(made, status: false)
    }

    @Sendable private static func redeem(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let workspace = try await context.platform.store.read { try Workspace.load($0) }
        let made = try await CouponOrders.redeem(
            order: body["order"]?.stringValue ?? "",
            codes: body["codes"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            profile: body["profile_id"]?.stringValue.flatMap { Int64($0) },
            cart: body["cart"].map { CouponSchemas.cart($0, workspace) }, by: request.couponCaller, context.platform)
        return answer(made)
    }

    @Sendable private static func rollBack(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let lines = body["lines"]?.arrayValue?.map {
            ($0["id"]?.stringValue ?? "", $0["quantity"]?.intValue ?? 0)
        }
        if let lines, Set(lines.map(\.0)).count != lines.count {
            throw Problem(
                .unprocessableContent, "invalid_body", "A line comes once.",
                flaws: [.init("body.lines", "repeats a line")])
        }
        let made = try await CouponOrders.giveBack(
            order: body["order"]?.stringValue ?? "", lines: lines.map { Dictionary($0) { first, _ in first } },
            key: body["key"]?.stringValue ?? "", by: request.caller.actor, context.platform)
        return answer(made)
    }

    @Sendable private static func uses(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let order = request.string("order") ?? ""
        let uses = try await context.platform.store.read { try CouponOrders.uses(of: order, $0) }
        var json = JSONWriter(capacity: usualBytes)
        json.open()
        json.name("uses")
        json.array(uses) { CouponSchemas.write($0.coupon, $0.use, to: &$1) }
        json.close()
        return APIResponse(json: json)
    }

    private static func question(_ request: APIRequest, _ context: APIContext) async throws -> Coupons.Question {
        let body = request.body
        let workspace = try await context.platform.store.read { try Workspace.load($0) }
        return Coupons.Question(
            codes: body["codes"]?.arrayValue?.compactMap(\.stringValue),
            profile: body["profile_id"]?.stringValue.flatMap { Int64($0) },
            cart: CouponSchemas.cart(body["cart"] ?? [:], workspace), order: body["order"]?.stringValue ?? "")
    }

    private static func answer(_ done: CouponOrders.Answer, status isMade: Bool = true) -> APIResponse {
        var json = JSONWriter(capacity: usualBytes)
        json.open()
        json.member("repeated", done.isRepeat)
        json.name("uses")
        json.array(done.uses) { CouponSchemas.write($0.coupon, $0.use, to: &$1) }
        json.close()
        return APIResponse(json: json, status: done.isRepeat || !isMade ? .ok : .created)
    }
}
