import Engine
import Storage

/// The till: ask, commit, take back, cancel.
enum TillEndpoints {
    private static let tag = "Till"
    private static let who = APIField.optional(
        "who", .nullable(TillSchemas.who), "Exactly one of them; nobody known unless told.")
    private static let spending = APIField.optional(
        "points", .nullable(TillSchemas.spending), "Points that pay for goods, at `value_per_thousand`.")
    private static let at = APIField.optional(
        "at", .timestamp, "The till's clock; now unless told. It may be off by minutes, not by hours.")

    static let routes: [APIRoute] = [
        APIRoute(
            .post, "/api/v1/till/quotes", "quoteTill", tag: tag,
            "What a cart would earn and cost: points by rule, coupons with every reason against them, what points may"
                + " pay, tier and benefits. Nothing is written.", access: .scope(.loyaltyRead),
            body: .json(
                .object([
                    who, APIField("cart", CouponSchemas.cart),
                    .optional(
                        "coupons", .nullable(TillSchemas.codes),
                        "Codes to take off; unless told, of the person's own what goes best together."), spending,
                    .optional("order", TillSchemas.key, "Whose own locks do not stand in the way."),
                    .optional(
                        "language", .words(CriteriaLanguage.allCases.map(\.rawValue)), "The workspace's unless told."),
                ])), response: TillSchemas.quote, handler: quote),
        APIRoute(
            .post, "/api/v1/till/orders", "commitTillOrder", tag: tag,
            "Commit a sale in one transaction: order, coupons, points spent and earned, tier. The order id is the"
                + " natural key, kept for ever: the same again is answered as the first time.",
            access: .scope(.loyaltyWrite),
            body: .json(
                .object([
                    APIField("order", TillSchemas.key, "The order's id, as the shop's own events name it."), who,
                    APIField("cart", CouponSchemas.cart), .optional("coupons", TillSchemas.codes), spending,
                ])), status: .created, isRepeatable: true, response: TillSchemas.receipt, handler: commit),
        APIRoute(
            .get, "/api/v1/till/orders/{order}", "getTillOrder", tag: tag,
            "A committed sale, and what came back of it.",
            access: .scope(.loyaltyRead), parameters: [.path("order", TillSchemas.key)],
            response: .object([
                APIField("receipt", TillSchemas.receipt), APIField("returns", .array(TillSchemas.returned)),
            ]), handler: get),
        APIRoute(
            .post, "/api/v1/till/orders/{order}/returns", "returnTillOrder", tag: tag,
            "Take pieces back: money, points both ways and coupons by line. Any split adds up to the same.",
            access: .scope(.loyaltyWrite), parameters: [.path("order", TillSchemas.key)],
            body: .json(
                .object([
                    APIField("key", TillSchemas.key, "Of the return: the same again is answered as the first time."),
                    .optional(
                        "lines",
                        .array(
                            .object([
                                APIField("id", .string(min: 1, max: CouponLimits.codeBytes)),
                                APIField("quantity", .integer(1...CouponLimits.quantityMax)),
                            ]), count: 1...CouponLimits.cartLines), "All that is left unless told."), at,
                ])), status: .created, isRepeatable: true, response: TillSchemas.returned, handler: takeBack),
        APIRoute(
            .post, "/api/v1/till/orders/{order}/cancellation", "cancelTillOrder", tag: tag,
            "Cancel what is left of a sale, with its shipping.", access: .scope(.loyaltyWrite),
            parameters: [.path("order", TillSchemas.key)],
            body: .json(
                .object([
                    .optional("key", TillSchemas.key, "`cancellation` unless told."), at,
                ])), status: .created, isRepeatable: true, response: TillSchemas.returned, handler: cancel),
    ]

    @Sendable private static func quote(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let workspace = try await context.platform.store.read { try Workspace.load($0) }
        let sale = try sale(request.body, workspace)
        let quote = try await TillQuote.ask(sale, by: request.couponCaller, context.platform, context.till)
        let word = request.body["language"]?.stringValue ?? workspace.language
        let language = CriteriaLanguage(rawValue: word) ?? .english
        return APIResponse(json: TillJSON.written(quote, language, workspace))
    }

    @Sendable private static func commit(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let workspace = try await context.platform.store.read { try Workspace.load($0) }
        let sale = try sale(request.body, workspace)
        return answer(try await TillCommit.run(sale, by: request.couponCaller, context.platform, context.till))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let order = request.string("order") ?? ""
        let found = try await context.platform.store.read { try TillReturn.history(of: order, $0) }
        return APIResponse(["receipt": found.receipt, "returns": .array(found.returns)])
    }

    @Sendable private static func takeBack(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let lines = request.body["lines"]?.arrayValue?.map {
            ($0["id"]?.stringValue ?? "", $0["quantity"]?.intValue ?? 0)
        }
        if let lines, Set(lines.map(\.0)).count != lines.count {
            throw Problem(
                .unprocessableContent, "invalid_body", "A line comes once.",
                flaws: [.init("body.lines", "repeats a line")])
        }
        let wanted = TillReturn.Request(
            order: request.string("order") ?? "", key: request.body["key"]?.stringValue ?? "",
            pieces: lines.map { Dictionary($0) { first, _ in first } }, at: moment(request))
        return answer(try await TillReturn.run(wanted, by: request.caller.actor, context.platform, context.till))
    }

    @Sendable private static func cancel(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let wanted = TillReturn.Request(
            order: request.string("order") ?? "", key: request.body["key"]?.stringValue ?? "cancellation",
            isCancellation: true, at: moment(request))
        return answer(try await TillReturn.run(wanted, by: request.caller.actor, context.platform, context.till))
    }

    private static func moment(_ request: APIRequest) -> Timestamp? {
        request.body["at"]?.stringValue.flatMap { Timestamp(iso8601: $0) }
    }

    private static func answer(_ receipt: TillReceipt) -> APIResponse {
        var members = receipt.document.objectValue ?? [:]
        members["repeated"] = .bool(receipt.isRepeat)
        return APIResponse(.object(members), status: receipt.isRepeat ? .ok : .created)
    }

    private static func sale(_ body: JSONValue, _ workspace: Workspace) throws -> Till.Sale {
        var spending: Till.Spending?
        if let points = body["points"], !points.isNull {
            spending = Till.Spending(
                currency: points["currency"]?.stringValue ?? "", amount: points["amount"]?.intValue ?? 0,
                hold: points["hold"]?.stringValue, isOfPool: points["pool"]?.boolValue ?? false)
        }
        return Till.Sale(
            order: body["order"]?.stringValue ?? "", who: try who(body["who"]),
            cart: CouponSchemas.cart(body["cart"] ?? [:], workspace),
            codes: body["coupons"]?.arrayValue?.compactMap(\.stringValue), spending: spending)
    }

    /// Throws: `Problem` unless exactly one is named.
    private static func who(_ json: JSONValue?) throws -> Till.Who? {
        guard let members = json?.objectValue else { return nil }
        guard members.count == 1, let (name, value) = members.first, let text = value.stringValue else {
            throw Problem(
                .unprocessableContent, "invalid_body", "“who” names exactly one.",
                flaws: [.init("body.who", "must have exactly one member")])
        }
        switch name {
        case "profile_id": return .profile(Int64(text) ?? 0)
        case "member_id": return .member(Int64(text) ?? 0)
        case "card": return .card(text)
        default: return .identity(kind: name, value: text)
        }
    }
}
