import Engine
import Storage

/// The currencies of the program.
enum PointsCurrencyEndpoints {
    private static let tag = "Points"
    private static let definition: [APIField] = [
        .optional("names", .map(.string(min: 1, max: 40)), "By language: `en`, `zh-Hans`."),
        .optional("scale", .integer(0...Int64(PointsLimits.scaleMax)), "Decimal digits of an amount; 0 unless told."),
        .optional("spendable", .boolean, "False for what only counts, for tiers."),
        .optional(
            "expiry",
            .object([
                APIField("kind", .words(["never", "rolling", "fixed", "inactivity"])),
                .optional("months", .integer(1...Int64(PointsLimits.monthsMax)), "Of `rolling` and `inactivity`."),
                .optional("month", .integer(1...12), "Of `fixed`."), .optional("day", .integer(1...31), "Of `fixed`."),
                .optional("months_min", .integer(0...Int64(PointsLimits.monthsMax)), "Of `fixed`."),
            ])),
        .optional("notice_days", .array(.integer(), count: 0...PointsLimits.noticesMax), "Most first."),
        .optional("pending_days", .integer(0...Int64(PointsLimits.daysMax)), "Until an award can be spent."),
        .optional("reversal", .words(PointsReversal.allCases.map(\.rawValue))),
        .optional("reinstatement_days", .integer(0...Int64(PointsLimits.daysMax))),
        .optional(
            "transfer",
            .nullable(
                .object([
                    APIField("daily_max", PointsSchemas.amount),
                    .optional("fee_basis_points", .integer(0...10_000)),
                ])), "Null: members may not give each other any."),
        .optional("poolable", .boolean, "Whether households may share it in a pool; false unless told."),
        .optional("adjustment_max", .nullable(.integer(0...PointsLimits.amountMax))),
        .optional(
            "approval_above", .nullable(.integer(0...PointsLimits.amountMax)),
            "Beyond it, what is given or taken by hand needs the approval of another user."),
        .optional(
            "value_per_thousand", .nullable(.integer(0...PointsLimits.amountMax)),
            "What 1,000 of it are worth, in minor units of the workspace's currency; for the liability."),
    ]
    private static let code = APIField("code", .string(min: 1, max: 32))
    private static let currency = APISchema.named(
        "PointsCurrency",
        .object(
            [code] + definition + [
                APIField("version", .integer()), APIField("updated_at", .timestamp),
                APIField("revision", .string(), "For `If-Match`."),
            ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/points/currencies", "listPointsCurrencies", tag: tag, "All currencies.",
            access: .scope(.loyaltyRead), response: .object([APIField("items", .array(currency))]), handler: list),
        APIRoute(
            .post, "/api/v1/points/currencies", "createPointsCurrency", tag: tag, "Add a currency.",
            access: .scope(.loyaltyWrite), body: .json(.object([code] + definition)), status: .created,
            response: currency, handler: create),
        APIRoute(
            .get, "/api/v1/points/currencies/{code}", "getPointsCurrency", tag: tag, "One currency.",
            access: .scope(.loyaltyRead), parameters: [.path("code", .string(min: 1, max: 32))], response: currency,
            isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/points/currencies/{code}", "updatePointsCurrency", tag: tag,
            "Change a currency, for what happens from now on.", access: .scope(.loyaltyWrite),
            parameters: [.path("code", .string(min: 1, max: 32))], body: .json(.object(definition)),
            response: currency, isRevised: true, handler: update),
        APIRoute(
            .delete, "/api/v1/points/currencies/{code}", "deletePointsCurrency", tag: tag,
            "Delete a currency that nobody ever had.", access: .scope(.loyaltyWrite),
            parameters: [.path("code", .string(min: 1, max: 32))], response: .object([]), isRevised: true,
            handler: delete),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let currencies = try await context.platform.store.read { try PointsCurrencies.list($0) }
        return APIResponse(["items": .array(try currencies.map(json))])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let code = request.string("code") ?? ""
        let stored = try await context.platform.store.read { try PointsCurrencies.stored(code, $0) }
        guard let stored else { throw Problem.notFound("currency") }
        return APIResponse(try json(stored), at: try stored.revision)
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let currency = try read(request.body, request.body["code"]?.stringValue ?? "")
        return try await change(request, context, "create") { now, connection in
            try PointsCurrencies.create(currency, at: now, connection)
        }
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let currency = try read(request.body, request.string("code") ?? "")
        return try await change(request, context, "update") { now, connection in
            guard let before = try PointsCurrencies.stored(currency.code, connection) else {
                throw Problem.notFound("currency")
            }
            try request.match(try before.revision)
            return try PointsCurrencies.update(currency, at: now, connection)
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (code, actor, effects) = (request.string("code") ?? "", request.caller.actor, context.platform.effects)
        try await context.platform.store.write { connection in
            guard let before = try PointsCurrencies.stored(code, connection) else { throw Problem.notFound("currency") }
            try request.match(try before.revision)
            try PointsCurrencies.delete(code, connection)
            try AuditLog.append(
                actor: actor, action: "points_currency.delete", subject: "points_currency:\(code)", detail: "",
                connection, at: effects.now())
        }
        return APIResponse([:])
    }

    private static func change(
        _ request: APIRequest, _ context: APIContext, _ verb: String,
        _ body: @escaping @Sendable (Timestamp, any SQLConnection) throws -> PointsCurrencies.Stored
    ) async throws -> APIResponse {
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let stored = try await context.platform.store.write { connection in
            let now = effects.now()
            let stored = try body(now, connection)
            try AuditLog.append(
                actor: actor, action: "points_currency.\(verb)", subject: "points_currency:\(stored.currency.code)",
                detail: "", connection, at: now)
            return stored
        }
        return APIResponse(try json(stored), at: try stored.revision)
    }

    /// What is not said is as in a new currency.
    private static func read(_ body: JSONValue, _ code: String) throws -> PointsCurrency {
        let unsaid = try JSONValue(parsing: StoredDocument.text(PointsCurrency(code: code))).objectValue ?? [:]
        var members = unsaid.merging(body.objectValue ?? [:]) { $1 }
        members["code"] = .string(code)
        if case .object(var transfer)? = members["transfer"] {
            transfer["fee_basis_points"] = transfer["fee_basis_points"] ?? 0
            members["transfer"] = .object(transfer)
        }
        do {
            return try StoredDocument.value(PointsCurrency.self, from: JSONValue.object(members).text())
        } catch let error as DecodingError {
            throw Problem(
                .unprocessableContent, "invalid_currency", "The currency cannot be used.",
                flaws: [.init("body.expiry", "lacks a field of its kind: \(error.localizedDescription)")])
        }
    }

    private static func json(_ stored: PointsCurrencies.Stored) throws -> JSONValue {
        var members = try JSONValue(parsing: StoredDocument.text(stored.currency)).objectValue ?? [:]
        members["poolable"] = .bool(stored.currency.isPoolable)
        members["version"] = .integer(stored.version)
        members["updated_at"] = JSONValue(milliseconds: stored.updatedMS)
        members["revision"] = .string(try stored.revision.text)
        return .object(members)
    }
}
