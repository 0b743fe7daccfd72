import Engine
import Storage

/// Commands on points: each answers with the transactions that it wrote, in the accounts that it touched.
enum PointsCommandEndpoints {
    private static let tag = "Points"
    private static let member = APIField("member_id", .id)
    private static let currency = APIField("currency", .string(min: 1, max: 32))
    private static let amount = APIField("amount", PointsSchemas.amount, "In the smallest part of the currency.")
    private static let key = APIField(
        "key", PointsSchemas.key, "Natural key, kept for ever: a repeat is answered as the first time.")
    private static let note = APIField.optional("note", PointsSchemas.note, "Texts for people: order, store, reason.")
    private static let award: [APIField] = [
        member, currency, amount, key, note,
        .optional("available_at", .timestamp), .optional("waits_for", .string(max: PointsLimits.keyBytes)),
        .optional("expires_at", .timestamp), .optional("source", .string(max: 200)),
    ]
    private static let answer = APISchema.object([
        APIField("transactions", .array(PointsSchemas.transaction)),
        APIField("repeated", .boolean, "The answer of the first time; nothing was done now."),
    ])

    private typealias Read = @Sendable (JSONValue) throws -> PointsCommand

    static let routes: [APIRoute] = [
        command("awards", "awardPoints", "Give points for something done.", award) {
            .award(account: id($0, "member_id"), currency: text($0, "currency"), try award($0))
        },
        command("opening-balances", "openPoints", "Bring along a lot from another system.", award) {
            .open(account: id($0, "member_id"), currency: text($0, "currency"), try award($0))
        },
        command(
            "award-reversals", "reversePoints", "Take back of an award what a return undoes.",
            [APIField("award", PointsSchemas.key, "The award's key."), amount, key, note]
        ) { .reverse(award: text($0, "award"), number($0), key: text($0, "key"), note: PointsSchemas.notes($0)) },
        command(
            "redemptions", "redeemPoints", "Spend points: the earliest expiry first.",
            [member, currency, amount, key, note]
        ) {
            .redeem(
                account: id($0, "member_id"), currency: text($0, "currency"), number($0), key: text($0, "key"),
                note: PointsSchemas.notes($0))
        },
        command(
            "redemption-returns", "returnRedemption",
            "Give spent points back to their lots; all unless an amount is told.",
            [
                APIField("redemption", PointsSchemas.key, "The key of the redemption, or of the capture."),
                .optional("amount", PointsSchemas.amount), key, note,
            ]
        ) {
            .giveBack(
                redemption: text($0, "redemption"), $0["amount"]?.intValue, key: text($0, "key"),
                note: PointsSchemas.notes($0))
        },
        command(
            "holds", "holdPoints", "Reserve points until a moment.",
            [member, currency, amount, APIField("until", .timestamp), key, note]
        ) {
            .reserve(
                account: id($0, "member_id"), currency: text($0, "currency"), number($0),
                until: try moment($0, "until"), key: text($0, "key"), note: PointsSchemas.notes($0))
        },
        command(
            "captures", "capturePoints", "Spend of what is reserved: all, or a part.",
            [
                APIField("hold", PointsSchemas.key, "The hold's key."), .optional("amount", PointsSchemas.amount),
                .optional("keep_rest", .boolean, "What is not captured stays reserved; else it is let go."), key, note,
            ]
        ) {
            .capture(
                hold: text($0, "hold"), $0["amount"]?.intValue, keepsRest: $0["keep_rest"]?.boolValue ?? false,
                key: text($0, "key"), note: PointsSchemas.notes($0))
        },
        command(
            "hold-releases", "releaseHold", "Let go what is reserved.", [APIField("hold", PointsSchemas.key), key]
        ) { .letGo(hold: text($0, "hold"), key: text($0, "key")) },
        command(
            "transfers", "transferPoints", "Give points to another member.",
            [APIField("from_id", .id), APIField("to_id", .id), currency, amount, key, note]
        ) {
            .transfer(
                from: id($0, "from_id"), to: id($0, "to_id"), currency: text($0, "currency"), number($0),
                key: text($0, "key"), note: PointsSchemas.notes($0))
        },
        command(
            "donations", "donatePoints", "Give points to a cause.",
            [member, currency, amount, APIField("cause", .string(min: 1, max: 200)), key, note]
        ) { body in
            .donate(
                account: id(body, "member_id"), currency: text(body, "currency"), number(body), key: text(body, "key"),
                note: PointsSchemas.notes(body).merging(["cause": text(body, "cause")]) { $1 })
        },
        command(
            "adjustments", "adjustPoints", "Give or, below zero, take by hand, with the reason.",
            [
                member, currency, APIField("amount", .integer(-PointsLimits.amountMax...PointsLimits.amountMax)),
                APIField("reason", .string(min: 1, max: PointsLimits.noteBytes)), key,
            ]
        ) { body in
            .adjust(
                account: id(body, "member_id"), currency: text(body, "currency"), number(body), key: text(body, "key"),
                note: ["reason": text(body, "reason")])
        },
        command(
            "extensions", "extendPoints", "Let lots lapse later.",
            [
                member, currency, APIField("lots", .array(.integer(1...Int64.max), count: 1...200)),
                APIField("expires_at", .timestamp), key, note,
            ]
        ) {
            .extend(
                account: id($0, "member_id"), currency: text($0, "currency"),
                lots: ($0["lots"]?.arrayValue ?? []).compactMap(\.intValue), to: try moment($0, "expires_at"),
                key: text($0, "key"), note: PointsSchemas.notes($0))
        },
        command(
            "reinstatements", "reinstatePoints", "Bring back what lapsed of a lot; all unless an amount is told.",
            [
                member, currency, APIField("lot", .integer(1...Int64.max)), .optional("amount", PointsSchemas.amount),
                APIField("expires_at", .timestamp), key, note,
            ]
        ) {
            .reinstate(
                account: id($0, "member_id"), currency: text($0, "currency"), lot: $0["lot"]?.intValue ?? 0,
                $0["amount"]?.intValue, until: try moment($0, "expires_at"), key: text($0, "key"),
                note: PointsSchemas.notes($0))
        },
        APIRoute(
            .post, "/api/v1/points/releases", "releasePoints", tag: tag,
            "Release whatever waits for an event: a delivery, the end of a return window.",
            access: .scope(.loyaltyWrite),
            body: .json(.object([APIField("waits_for", .string(min: 1, max: PointsLimits.keyBytes))])),
            response: .object([APIField("transactions", .array(PointsSchemas.transaction))]), handler: release),
    ]

    private static func command(
        _ path: String, _ operation: String, _ summary: String, _ fields: [APIField], _ read: @escaping Read
    ) -> APIRoute {
        APIRoute(
            .post, "/api/v1/points/\(path)", operation, tag: tag, summary, access: .scope(.loyaltyWrite),
            body: .json(.object(fields)), status: .created, isRepeatable: true, response: answer
        ) { request, context in
            let command = try read(request.body)
            let (effects, actor) = (context.platform.effects, request.caller.actor)
            let answer = try await context.platform.store.write { connection in
                let answer = try Points.perform(command, effects: effects, connection)
                if case .adjust = command, !answer.isRepeat {
                    try AuditLog.append(
                        actor: actor, action: "points.adjust", subject: "member:\(answer.transactions[0].account)",
                        detail: "\(answer.transactions[0].change) \(answer.transactions[0].currency)", connection,
                        at: effects.now())
                }
                return answer
            }
            return PointsSchemas.response(answer)
        }
    }

    @Sendable private static func release(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (event, effects) = (text(request.body, "waits_for"), context.platform.effects)
        let written = try await context.platform.store.write {
            try Points.release(waitingFor: event, effects: effects, $0)
        }
        return APIResponse(["transactions": .array(written.map(PointsSchemas.json))])
    }

    // MARK: Reading

    private static func id(_ body: JSONValue, _ name: String) -> Int64 {
        body[name]?.stringValue.flatMap { Int64($0) } ?? 0
    }

    private static func text(_ body: JSONValue, _ name: String) -> String { body[name]?.stringValue ?? "" }

    private static func number(_ body: JSONValue) -> Int64 { body["amount"]?.intValue ?? 0 }

    private static func moment(_ body: JSONValue, _ name: String) throws -> Timestamp {
        guard let moment = Timestamp(iso8601: text(body, name)) else {
            throw Problem(
                .unprocessableContent, "invalid_body", "The body does not have the right shape.",
                flaws: [.init("body.\(name)", "is no time")])
        }
        return moment
    }

    private static func award(_ body: JSONValue) throws -> PointsAward {
        PointsAward(
            key: text(body, "key"), amount: number(body),
            availableAt: body["available_at"] == nil ? nil : try moment(body, "available_at"),
            waitsFor: text(body, "waits_for"),
            expiresAt: body["expires_at"] == nil ? nil : try moment(body, "expires_at"), source: text(body, "source"),
            note: PointsSchemas.notes(body))
    }
}
